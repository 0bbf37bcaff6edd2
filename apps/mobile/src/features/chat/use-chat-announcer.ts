import type { MessagesSnapshot, MessageView } from '@finnigram/client'
import { useCallback, useEffect, useRef } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { attachmentWords } from '../conversations/conversation-preview.ts'
import { announce } from './device.ts'
import { noticeWords } from './notice-words.ts'
import { useAnnounceNew } from './use-announce-new.ts'

/** A count that is about to change is not said. */
const settledMs = 600

/**
 * Says through the screen reader what others newly write here, and that unread messages were passed
 * over.
 */
export function useChatAnnouncer(
  snapshot: MessagesSnapshot,
  { me, nameOf, unreadAbove }: { me: string; nameOf: (userId: string) => string; unreadAbove: number | null },
): void {
  const { t } = useI18n()
  const sentence = useCallback(
    (message: MessageView) => {
      const { senderId, deletedAt, kind, text, attachments } = message
      if (senderId === me || deletedAt !== null) return undefined
      if (kind === 'system') return noticeWords(message, { t, me, nameOf })
      const files = attachments.map((one) => `${t(attachmentWords[one.kind].word)} ${one.name}`)
      const said = [...files, ...(text ? [text] : [])].join(', ')
      return t('announceMessage', { name: nameOf(senderId), text: said })
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
    const timer = setTimeout(() => announce(above.current), settledMs)
    return () => clearTimeout(timer)
  }, [hasUnreadAbove])
}
