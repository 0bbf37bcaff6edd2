import type { ConversationView, MessagesSnapshot, MessageView } from '@finnigram/client'
import { useMemo, useRef, useState } from 'react'
import { KeyboardAvoidingView, StyleSheet, View } from 'react-native'
import { usePane } from '../../app-shell/use-pane.ts'
import { useMe, useMessages, useTyping } from '../../providers/use-client-data.ts'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { type Names, usePeople } from '../people/use-people.ts'
import { type ChatRow, createRowBuilder } from './build-rows.ts'
import { ChatHeader } from './chat-header.tsx'
import { ChatStart } from './chat-row-view.tsx'
import { ChatComposer } from './composer.tsx'
import { JumpButton, UnreadAbove, useJumps } from './jump-buttons.tsx'
import { MessageList } from './message-list.tsx'
import { MessageSheet } from './message-sheet.tsx'
import { peopleInSystemMessage } from './system-message-text.ts'
import { TypingIndicator } from './typing-indicator.tsx'
import { useChatAnnouncer } from './use-chat-announcer.ts'
import { useComposing } from './use-composing.ts'
import { useReadMarker } from './use-read-marker.ts'

type ChatProps = { conversation: ConversationView; onLeave: () => void }

/** One conversation: header, messages and composer. */
export function Chat({ conversation, onLeave }: ChatProps) {
  const me = useMe()
  const { visible } = usePane()
  const { id } = conversation
  const snapshot = useMessages(id)
  const { items, hasAfter } = snapshot
  const typing = useTyping(id)
  const list = useRef<WindowedListHandle>(null)
  const [atEnd, setAtEnd] = useState(false)
  const jumps = useJumps({ conversationId: id, me: me.id, list })
  const composing = useComposing(id, { list, toEnd: jumps.toEnd })
  const rows = useChatRows(snapshot, me.id)
  const names = useNames({ items, typing })
  const { nameOf } = names
  const { unreadAbove, onMove } = useReadMarker({ ...snapshot, conversation, rows, visible })
  useChatAnnouncer(snapshot, { me: me.id, nameOf, unreadAbove })
  const newBelow = unreadAbove === null ? conversation.me.unreadCount : 0
  const empty = items.length === 0 && !snapshot.hasBefore
  return (
    <KeyboardAvoidingView behavior="padding" style={styles.fill}>
      <ChatHeader conversation={conversation} someoneTypes={typing.length > 0} onLeave={onLeave} />
      <View style={styles.fill}>
        {empty ? (
          <Empty conversation={conversation} isLoading={snapshot.loadingBefore} />
        ) : (
          <MessageList
            key={snapshot.run}
            {...{ ref: list, rows, hasAfter, conversation, names }}
            fromEnd={jumps.fromEnd}
            flashId={composing.flashId}
            actions={composing.actions}
            above={<UnreadAbove count={unreadAbove} onJump={jumps.toUnread} {...{ conversation }} />}
            onMove={(view) => {
              setAtEnd(view.atEnd)
              onMove(view)
            }}
          />
        )}
        <TypingIndicator names={typing.map(nameOf)} />
        {!empty && !atEnd && <JumpButton count={newBelow} onPress={() => jumps.toEnd(true)} />}
      </View>
      <ChatComposer draft={conversation.draft} composing={composing} nameOf={nameOf} onLeave={onLeave} />
      <MessageSheet
        message={composing.acting}
        onClose={composing.closeActions}
        onReply={composing.actions.onReply}
      />
    </KeyboardAvoidingView>
  )
}

function Empty({ conversation, isLoading }: { conversation: ConversationView; isLoading: boolean }) {
  return <View style={styles.empty}>{!isLoading && <ChatStart conversation={conversation} />}</View>
}

const styles = StyleSheet.create({
  fill: { flex: 1, minHeight: 0 },
  empty: { flex: 1, justifyContent: 'center' },
})

type PeopleSources = { items: readonly MessageView[]; typing: readonly string[] }

/**
 * Names of everyone a chat mentions: senders, quoted and mentioned people, and those in system
 * messages.
 */
function useNames({ items, typing }: PeopleSources): Names {
  const named = useMemo(() => [...items.flatMap(namedIn), ...typing], [items, typing])
  return usePeople(named)
}

const namedIn = (message: MessageView): string[] => [
  ...peopleInSystemMessage(message),
  ...message.mentions,
  ...(message.replyTo === null ? [] : [message.replyTo.senderId]),
]

/** The rows of a chat; an unchanged row stays the same object. */
function useChatRows(snapshot: MessagesSnapshot, me: string): ChatRow[] {
  const [buildRows] = useState(() => createRowBuilder(me))
  return useMemo(() => buildRows(snapshot), [buildRows, snapshot])
}
