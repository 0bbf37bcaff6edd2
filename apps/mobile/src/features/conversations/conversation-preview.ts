import type { ConversationView } from '@finnigram/client'
import type { Attachment, Message } from '@finnigram/contracts'
import type { PlainText } from '../../i18n/en.ts'
import type { IconName } from '../../ui/icon.tsx'

/** The line under a conversation's title. */
export type Preview =
  | { kind: 'draft'; text: string }
  | { kind: 'typing'; userIds: readonly string[] }
  | { kind: 'empty' }
  | { kind: 'deleted' }
  | { kind: 'notice'; message: Message }
  | {
      kind: 'message'
      /** The sender, in groups only. */
      sender: { kind: 'me' } | { kind: 'other'; userId: string } | null
      text: string
      attachment?: { icon: IconName; word: PlainText }
    }

export const attachmentLabels: Record<Attachment['kind'], { icon: IconName; word: PlainText }> = {
  image: { icon: 'photo', word: 'photo' },
  video: { icon: 'file', word: 'video' },
  audio: { icon: 'audio', word: 'audio' },
  file: { icon: 'file', word: 'file' },
}

/** Someone typing, else my draft, else the last message. */
export function conversationPreview(conversation: ConversationView, me: string): Preview {
  if (conversation.typing.length > 0) return { kind: 'typing', userIds: conversation.typing }
  const draft = oneLine(conversation.draft || conversation.supersededDrafts.join(' '))
  if (draft !== '') return { kind: 'draft', text: draft }
  const last = conversation.lastMessage
  if (last === null) return { kind: 'empty' }
  if (last.deletedAt !== null) return { kind: 'deleted' }
  if (last.kind === 'system') return { kind: 'notice', message: last }
  const [attachment] = last.attachments
  return {
    kind: 'message',
    sender: senderOf(conversation, last.senderId, me),
    text: oneLine(last.text ?? ''),
    ...(attachment === undefined ? {} : { attachment: attachmentLabels[attachment.kind] }),
  }
}

function senderOf(conversation: ConversationView, senderId: string, me: string) {
  if (conversation.kind === 'direct') return null
  if (senderId === me) return { kind: 'me' as const }
  return { kind: 'other' as const, userId: senderId }
}

/** Longer than any line; the rest need not be laid out. */
const oneLine = (text: string) => text.slice(0, 300).replace(/\s+/g, ' ').trim()
