import type { ConversationView } from '@finnigram/client'
import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import { layout, space } from '../../theme/scale.ts'
import type { Names } from '../people/use-people.ts'
import type { ChatRow } from './build-rows.ts'
import { ChatStart } from './chat-start.tsx'
import { DayChip } from './day-chip.tsx'
import { mentionedNames } from './mentioned-names.ts'
import { type MessageActions, MessageRow } from './message-row.tsx'
import { messageStatus } from './message-status.ts'
import { NoticeLine } from './notice-line.tsx'
import { UnreadLine } from './unread-line.tsx'

export type ChatRowContext = {
  conversation: ConversationView
  names: Names
  flashId: string | null
  actions: MessageActions
}

/** Draws one row of a chat, whatever it is. */
export function ChatRowView({ row, context }: { row: ChatRow; context: ChatRowContext }) {
  const { conversation, names, flashId, actions } = context
  const { nameOf } = names
  switch (row.kind) {
    case 'start':
      return <ChatStart conversation={conversation} />
    case 'day':
      return (
        <Line>
          <DayChip day={row.day} />
        </Line>
      )
    case 'unread':
      return (
        <Line>
          <UnreadLine />
        </Line>
      )
    case 'system':
      return (
        <Line>
          <NoticeLine message={row.message} nameOf={nameOf} />
        </Line>
      )
    case 'message': {
      const { message, mine } = row
      const ticked = mine && message.deletedAt === null
      return (
        <MessageRow
          row={row}
          status={ticked ? messageStatus(message, conversation.participants) : undefined}
          mentioned={mentionedNames(message, names.personOf)}
          senderName={nameOf(message.senderId)}
          replyName={message.replyTo === null ? undefined : nameOf(message.replyTo.senderId)}
          inGroup={conversation.kind === 'group'}
          flash={message.id === flashId}
          actions={actions}
        />
      )
    }
  }
}

function Line({ children }: { children: ReactNode }) {
  return <View style={styles.line}>{children}</View>
}

const styles = StyleSheet.create({
  line: {
    width: '100%',
    maxWidth: layout.messageColumn,
    marginHorizontal: 'auto',
    paddingTop: space.l,
    paddingBottom: space.xs,
    paddingHorizontal: space.l,
  },
})
