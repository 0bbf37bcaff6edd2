import type { ConversationView, MessageView } from '@finnigram/client'
import type { PublicUser } from '@finnigram/contracts'
import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { layout, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Text } from '../../ui/text.tsx'
import type { Names } from '../people/use-people.ts'
import type { ChatRow } from './build-rows.ts'
import { useConversationTitle } from './chat-header.tsx'
import { DayChip } from './day-chip.tsx'
import { type MessageActions, MessageRow } from './message-row.tsx'
import { messageStatus } from './message-status.ts'
import { systemMessageText } from './system-message-text.ts'

export type ChatRowContext = {
  conversation: ConversationView
  names: Names
  flashId: string | null
  actions: MessageActions
}

/** Renders one row of a chat. */
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
          <UnreadDivider />
        </Line>
      )
    case 'system':
      return (
        <Line>
          <SystemMessageLine message={row.message} nameOf={nameOf} />
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

/** The beginning of a chat: who it is with. */
export function ChatStart({ conversation }: { conversation: ConversationView }) {
  const { t } = useI18n()
  const { title: name, avatarId, icon, toMyself } = useConversationTitle(conversation)
  const groupWords = conversation.me.joinedSeq === 0 ? t('groupStart', { name }) : t('groupJoined')
  const words = conversation.kind === 'group' ? groupWords : t('chatStart', { name })
  return (
    <View style={chatStartStyles.start}>
      <Avatar id={avatarId} name={name} size={80} icon={icon} />
      <Text size="title" weight="600" align="center" style={chatStartStyles.name}>
        {name}
      </Text>
      <Text size="small" color="muted" align="center" style={chatStartStyles.words}>
        {toMyself ? t('notesStart') : words}
      </Text>
    </View>
  )
}

const chatStartStyles = StyleSheet.create({
  start: { alignItems: 'center', paddingVertical: space.xxl },
  name: { marginTop: space.m },
  words: { maxWidth: 300 },
})

type NoticeLineProps = { message: MessageView; nameOf: (userId: string) => string }

/** A system message, such as "Ada joined". */
function SystemMessageLine({ message, nameOf }: NoticeLineProps) {
  const { t } = useI18n()
  const { id: me } = useMe()
  return (
    <Text testID={`notice-${message.id}`} size="small" color="muted" align="center">
      {systemMessageText(message, { t, me, nameOf })}
    </Text>
  )
}

/** Divider before the first message that was unread when the chat was opened. */
function UnreadDivider() {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View style={styles.row}>
      <View style={styles.line} />
      <Text size="caption" weight="600" color="accent">
        {t('newMessages')}
      </Text>
      <View style={styles.line} />
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  row: { flexDirection: 'row', alignItems: 'center', gap: space.m },
  line: { flex: 1, height: 1, backgroundColor: colors.accent, opacity: 0.35 },
}))

/**
 * Mentioned usernames joined to one string, so that memoised rows compare equal; `all` for
 * everyone.
 */
function mentionedNames(
  { mentions, mentionsAll }: Pick<MessageView, 'mentions' | 'mentionsAll'>,
  personOf: (userId: string) => PublicUser | undefined,
): string {
  const names = mentions.flatMap((id) => personOf(id)?.username ?? [])
  return [...(mentionsAll ? ['all'] : []), ...names].join(' ')
}
