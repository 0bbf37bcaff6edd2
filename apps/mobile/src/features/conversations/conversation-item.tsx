import type { ConversationView } from '@finnigram/client'
import { memo } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe, usePresence } from '../../providers/use-client-data.ts'
import { messageStatus } from '../chat/message-status.ts'
import { conversationPreview } from './conversation-preview.ts'
import { ConversationRow } from './conversation-row.tsx'

type ConversationItemProps = {
  conversation: ConversationView
  selected: boolean
  /** The present minute, so that times move on. */
  now: number
  onOpen: (id: string) => void
}

/** A conversation's row with the presence of its peer. */
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

/** Ticks stand where the last word is mine; a clock where something of mine waits. */
function lastStatus(conversation: ConversationView, me: string) {
  if (conversation.pendingCount > 0) return 'waiting'
  const last = conversation.lastMessage
  const mine = last !== null && last.senderId === me && last.kind === 'text' && last.deletedAt === null
  return mine ? messageStatus(last, conversation.participants) : undefined
}
