import type { Attachment, Message } from '@finnigram/contracts'
import { excerptOf } from './excerpt.ts'

const signs: Record<Attachment['kind'], string> = { image: '📷', video: '🎬', audio: '🎵', file: '📎' }

/** What answers show of a message: the beginning of its text, or else, in no language, what it carries. */
export function messageExcerpt({ text, attachments }: Pick<Message, 'text' | 'attachments'>): string {
  if (text !== null) return excerptOf(text)
  const [first, ...others] = attachments
  if (!first) return ''
  const more = others.length > 0 ? ` +${others.length}` : ''
  return excerptOf(`${signs[first.kind]} ${first.name.slice(0, 100)}${more}`)
}
