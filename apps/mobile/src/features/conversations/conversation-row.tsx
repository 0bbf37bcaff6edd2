import type { ConversationView } from '@finnigram/client'
import { memo } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe, usePresence } from '../../providers/use-client-data.ts'
import { radius } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, Ticks } from '../../ui/ticks.tsx'
import { messageStatus } from '../chat/message-status.ts'
import { conversationPreview, type Preview } from './conversation-preview.ts'
import { ListRow } from './list-row.tsx'
import { PreviewLine } from './preview-line.tsx'

type ConversationRowProps = {
  id: string
  title: string
  /** The id that decides the avatar's hue. */
  avatarId: string
  avatarIcon?: IconName | undefined
  presence?: 'online' | 'away' | undefined
  time: string
  preview: Preview
  /** Delivery status, if the last message is mine. */
  status?: DeliveryStatus | undefined
  unread: number
  muted: boolean
  mentioned: boolean
  pinned: boolean
  selected: boolean
  onPress: (id: string) => void
}

/** One conversation in the list: title, time, preview, unread count. */
const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { t } = useI18n()
  return (
    <ListRow
      testID={`conversation-row-${props.id}`}
      avatar={{ id: props.avatarId, name: props.title, icon: props.avatarIcon, presence: props.presence }}
      selected={props.selected}
      onPress={() => props.onPress(props.id)}
    >
      <View style={styles.line}>
        <Text weight="600" numberOfLines={1} style={styles.title}>
          {props.title}
        </Text>
        {props.muted && <Mark icon="muted" label={t('muted')} />}
        {props.status !== undefined && <Ticks status={props.status} />}
        <Text
          size="caption"
          color={props.unread > 0 && !props.muted ? 'accent' : 'muted'}
          style={styles.time}
        >
          {props.time}
        </Text>
      </View>
      <View style={styles.line}>
        <PreviewLine preview={props.preview} />
        {props.mentioned && <Mark icon="mention" label={t('mentioned')} accent />}
        {props.pinned && props.unread === 0 && <Mark icon="pin" label={t('pinned')} />}
        {props.unread > 0 && <Badge count={props.unread} muted={props.muted} />}
      </View>
    </ListRow>
  )
})

function Mark({ icon, label, accent = false }: { icon: IconName; label: string; accent?: boolean }) {
  return (
    <View role="img" aria-label={label}>
      <Icon name={icon} size={15} color={accent ? 'accent' : 'muted'} />
    </View>
  )
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: 6, minHeight: 24 },
  title: { flex: 1 },
  time: { fontVariant: ['tabular-nums'] },
})

type ConversationItemProps = {
  conversation: ConversationView
  selected: boolean
  /** The current minute, so that relative times update. */
  now: number
  onOpen: (id: string) => void
}

/** Connects a conversation's row to presence. */
export const ConversationItem = memo(function ConversationItem(props: ConversationItemProps) {
  const { conversation, selected, now, onOpen } = props
  const { t, time } = useI18n()
  const me = useMe()
  const peer = conversation.peer
  const toMyself = peer?.id === me.id
  const { status: presence } = usePresence(toMyself ? undefined : peer?.id)
  const last = conversation.lastMessage
  const { unreadCount, mentionCount, mutedUntil, pinned } = conversation.me
  return (
    <ConversationRow
      id={conversation.id}
      title={toMyself ? t('notesToSelf') : conversation.displayTitle}
      avatarId={peer?.id ?? conversation.id}
      avatarIcon={toMyself ? 'bookmark' : undefined}
      presence={presence === 'online' || presence === 'away' ? presence : undefined}
      time={time.short(Date.parse(last?.createdAt ?? conversation.createdAt), now)}
      preview={conversationPreview(conversation, me.id)}
      status={lastStatus(conversation, me.id)}
      unread={unreadCount}
      muted={mutedUntil !== null && Date.parse(mutedUntil) > now}
      mentioned={mentionCount > 0}
      pinned={pinned}
      selected={selected}
      onPress={onOpen}
    />
  )
})

/** What is unsent comes first, failed before waiting; then the last message's status, if mine. */
function lastStatus(conversation: ConversationView, me: string) {
  if (conversation.failedCount > 0) return 'failed'
  if (conversation.pendingCount > 0) return 'waiting'
  const last = conversation.lastMessage
  const mine = last !== null && last.senderId === me && last.kind === 'text' && last.deletedAt === null
  return mine ? messageStatus(last, conversation.participants) : undefined
}

/** Unread count; grey in muted conversations. */
function Badge({ count, muted = false }: { count: number; muted?: boolean }) {
  const { t } = useI18n()
  const { colors } = useTheme()
  return (
    <View
      role="img"
      aria-label={t('unread', { count })}
      style={[badgeStyles.pill, { backgroundColor: muted ? colors.muted : colors.accent }]}
    >
      <Text size="caption" weight="700" color={muted ? 'background' : 'onAccent'} style={badgeStyles.digits}>
        {count > 999 ? '999+' : count}
      </Text>
    </View>
  )
}

const badgeStyles = StyleSheet.create({
  pill: {
    minWidth: 22,
    height: 22,
    paddingHorizontal: 7,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
  },
  digits: { fontVariant: ['tabular-nums'] },
})
