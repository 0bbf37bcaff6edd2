import type { MessagesSnapshot, MessageView } from '@finnigram/client'
import { useCallback } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { noticeWords } from './notice-words.ts'
import { useAnnounceNew } from './use-announce-new.ts'

/** Says through the screen reader what others newly write here. */
export function useChatAnnouncer(
  snapshot: MessagesSnapshot,
  { me, nameOf }: { me: string; nameOf: (userId: string) => string },
): void {
  const { t } = useI18n()
  const sentence = useCallback(
    (message: MessageView) => {
      const { senderId, deletedAt, kind, text } = message
      if (senderId === me || deletedAt !== null) return undefined
      if (kind === 'system') return noticeWords(message, { t, me, nameOf })
      return t('announceMessage', { name: nameOf(senderId), text: text ?? '' })
    },
    [me, nameOf, t],
  )
  useAnnounceNew(snapshot, sentence)
}
