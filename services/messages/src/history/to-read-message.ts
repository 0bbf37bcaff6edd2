import type { Message } from '@finnigram/contracts'
import type { MessageRow } from './message-row.ts'
import { toMessage } from './to-message.ts'

/** A stored message as a reader who joined after `joinedSeq` sees it: of what was said before, a quote has no text. */
export function toReadMessage(row: MessageRow & { joinedSeq: number }): Message {
  const message = toMessage(row)
  const { replyTo } = message
  if (!replyTo || replyTo.seq > row.joinedSeq) return message
  return { ...message, replyTo: { ...replyTo, excerpt: '' } }
}
