import type { Message } from '@finnigram/contracts'
import type { MessageRow } from './message-row.ts'
import { toMessage } from './to-message.ts'

/**
 * What a person may read of a message is decided here, for every answer that carries one.
 *
 * | answer | asks with |
 * |---|---|
 * | `GET …/messages`, `GET /v1/messages/:id` | `list-messages.ts`, `get-message.ts` |
 * | `lastMessage` of conversations and sync, export of conversations | `load-conversations.ts` |
 * | pins, stars, search | `list-pins.ts`, `list-stars.ts`, `read-candidates.ts` |
 * | the answer to an edit | `edit-message.ts` |
 * | the answer to a send that is tried again: REST, batch, socket | `store-sends.ts` |
 * | export of what a person wrote | `export-messages.ts` |
 *
 * Text that is not a whole message has the same condition, `isReadable`, in its own query: quotes (`find-replied.ts`),
 * forwards (`find-forwarded.ts`), files (`find-attachment.ts`), notifications (`find-called.ts`). Events, `/events`
 * and sync apply it to each payload (`readable-payload.ts`), sockets by `withheldFrom` and `unquotedFor`.
 *
 * `toMessage` is everyone's copy. It is for what is stored and for events; an answer never carries it.
 */

/** SQL: whether the participant `p` takes part now, and the message `m` is from their time. */
export const isReadable = 'p.left_version IS NULL AND m.seq > p.joined_seq'

/** SQL: what `toReadMessage` needs of the participant `p` and the message `m` where the author may have left. */
export const authorColumns =
  'p.joined_seq AS "joinedSeq", p.left_version AS "leftVersion", m.text_versions AS "textVersions"'

/** Someone who takes part now, and reads a message from their time. */
interface Reader {
  joinedSeq: number
  leftVersion?: undefined
}

/** The author of a message, who may have left since, or left and come back. */
export interface Author {
  joinedSeq: number
  leftVersion: number | null
  /** Versions of the events that carry the text, the last of them as it is now. */
  textVersions: number[]
}

/**
 * A stored message as one person may read it. Of what was said before they came, a quote has no text. The author of a
 * message from a time that has ended gets it as of their leaving.
 */
export function toReadMessage(row: MessageRow & (Reader | Author)): Message {
  const message = toMessage(row)
  if (row.leftVersion === undefined) return withoutOlderQuote(message, row.joinedSeq)
  const isFromNow = row.leftVersion === null && row.seq > row.joinedSeq
  return isFromNow ? withoutOlderQuote(message, row.joinedSeq) : asOfLeaving(message, row)
}

/** The message for a reader who joined after `joinedSeq`. */
export function withoutOlderQuote(message: Message, joinedSeq: number): Message {
  return message.replyTo && message.replyTo.seq <= joinedSeq ? withoutQuote(message) : message
}

/**
 * One's own words never change after one has left: only their author edits them, and only while taking part. A quote
 * and the reactions of others may have. What they were is kept nowhere, so what has changed since is left out. Of a
 * time before somebody came back, when it ended is not known: there, anything later than the message itself is left out.
 * A message that was deleted meanwhile stays deleted.
 */
function asOfLeaving(message: Message, { joinedSeq, leftVersion, textVersions }: Author): Message {
  const isLastTime = leftVersion !== null && message.seq > joinedSeq
  const until = isLastTime ? leftVersion : (textVersions[0] ?? message.version)
  if (message.version <= until) return message
  const { senderId, reactions } = message
  const own = reactions.filter(({ userIds }) => userIds.includes(senderId))
  const left = {
    ...message,
    version: until,
    reactions: own.map(({ emoji }) => ({ emoji, userIds: [senderId] })),
  }
  const saidAt = textVersions.at(-1) ?? 0
  return saidAt > until ? withoutQuote(left) : left
}

function withoutQuote(message: Message): Message {
  const { replyTo } = message
  return replyTo ? { ...message, replyTo: { ...replyTo, excerpt: '' } } : message
}
