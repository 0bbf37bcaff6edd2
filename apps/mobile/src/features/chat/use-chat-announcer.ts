import type { MessagesSnapshot, MessageView } from '@finnigram/client'
import { useCallback } from 'react'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { attachmentWords } from '../conversations/conversation-preview.ts'
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
}
