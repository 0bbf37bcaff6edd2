import type { MessagesSnapshot, MessageView } from '@finnigram/client'
import { useCallback, useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { attachmentLabels } from '../conversations/conversation-preview.ts'
import { announce } from './device.ts'
import { systemMessageText } from './system-message-text.ts'

/** Waits so long before it announces, because the count may still change. */
const announceDelayMs = 600

/** Announces new messages from others, and that unread messages were skipped, to screen readers. */
export function useChatAnnouncer(
  snapshot: MessagesSnapshot,
  { me, nameOf, unreadAbove }: { me: string; nameOf: (userId: string) => string; unreadAbove: number | null },
): void {
  const { t } = useI18n()
  const sentence = useCallback(
    (message: MessageView) => {
      const { senderId, deletedAt, kind, text, attachments } = message
      if (senderId === me || deletedAt !== null) return undefined
      if (kind === 'system') return systemMessageText(message, { t, me, nameOf })
      const files = attachments.map((one) => `${t(attachmentLabels[one.kind].word)} ${one.name}`)
      const spoken = [...files, ...(text ? [text] : [])].join(', ')
      return t('announceMessage', { name: nameOf(senderId), text: spoken })
    },
    [me, nameOf, t],
  )
  useAnnounceNew(snapshot, sentence)
  const above = useRef('')
  useEffect(() => {
    above.current = unreadAbove ? t('countAbove', { count: unreadAbove }) : t('unreadAbove')
  }, [unreadAbove, t])
  const hasUnreadAbove = unreadAbove !== null
  useEffect(() => {
    if (!hasUnreadAbove) return
    const timer = setTimeout(() => announce(above.current), announceDelayMs)
    return () => clearTimeout(timer)
  }, [hasUnreadAbove])
}

/**
 * Announces new messages by others: never history, never mine. `sentence` returns undefined for
 * what is left out.
 */
function useAnnounceNew(
  { items, hasAfter }: Pick<MessagesSnapshot, 'items' | 'hasAfter'>,
  sentence: (message: MessageView) => string | undefined,
): void {
  const newest = useRef<number | null>(null)
  useEffect(() => {
    const before = newest.current
    const stored = items.filter(({ seq }) => seq !== null)
    // If newer messages are not loaded, what is appended is history.
    newest.current = hasAfter ? null : (stored.at(-1)?.seq ?? before)
    if (before === null || hasAfter) return
    const fresh = stored
      .filter(({ seq }) => seq !== null && seq > before)
      .flatMap((one) => sentence(one) ?? [])
    if (fresh.length > 0) announce(fresh.slice(-3).join('\n'))
  }, [items, hasAfter, sentence])
}
