import type { Message } from '@finnigram/contracts'
import { type MessageRow, toMessage } from './message-row.ts'

/*
 * Message visibility: who may read what of the history. The rule: a participant reads the messages
 * from their time, `seq > joinedSeq`, as long as they take part. A group that shares its history
 * lets people join with `joinedSeq` 0. This file applies the rule to every response that carries a
 * message:
 *
 * | response | query |
 * |---|---|
 * | `GET …/messages`, `GET /v1/messages/:id` | `list-messages.ts` |
 * | `lastMessage` of conversations and sync, export of conversations | `load-conversations.ts` |
 * | pins, stars, search | `edits/pins.ts`, `edits/stars.ts`, `find-candidates.ts` |
 * | the response to an edit | `edit-message.ts` |
 * | the response to a retried send: REST, batch, socket | `store-sends.ts` |
 * | export of what a person wrote | `export-messages.ts` |
 *
 * Queries for a part of a message have the same condition, `isReadable`, of their own: quotes and
 * forwards (`resolve-references.ts`), files (`find-attachment.ts`), notifications
 * (`list-push-recipients.ts`). `/events` and sync apply `readablePayload` to each event, live
 * delivery uses `withheldFrom` and `unquotedFor`.
 *
 * Somebody who has left keeps what they wrote, as of their leaving: in their export, and in the
 * response to a retried send. A response never carries `toMessage`, which shows all.
 */

/** SQL: the participant `p` takes part now, and the message `m` is from their time. */
export const isReadable = 'p.left_version IS NULL AND m.seq > p.joined_seq'

/** SQL: what `toReadMessage` needs of `p` and `m` when the author may have left. */
export const authorColumns =
  'p.joined_seq AS "joinedSeq", p.left_version AS "leftVersion", m.text_versions AS "textVersions"'

/** A participant who reads a message from their time. */
interface Reader {
  joinedSeq: number
  leftVersion?: undefined
}

/** The author of a message, who may have left since, or left and come back. */
export interface Author {
  joinedSeq: number
  leftVersion: number | null
  /** Versions of the events that carry the text, the present one last. */
  textVersions: number[]
}

/**
 * A stored message as one person may read it. A quote of a message from before they joined has no
 * text. The author of a message from a membership that has ended gets it as of their leaving.
 */
export function toReadMessage(row: MessageRow & (Reader | Author)): Message {
  const message = toMessage(row)
  if (row.leftVersion === undefined) return withoutOlderQuote(message, row.joinedSeq)
  const isCurrent = row.leftVersion === null && row.seq > row.joinedSeq
  return isCurrent ? withoutOlderQuote(message, row.joinedSeq) : asOfLeaving(message, row)
}

/** The message for a reader who joined after `joinedSeq`. */
export function withoutOlderQuote(message: Message, joinedSeq: number): Message {
  return message.replyTo && message.replyTo.seq <= joinedSeq ? withoutQuote(message) : message
}

/**
 * The message as of the author's leaving. Its text cannot have changed since: only its author edits
 * it, while taking part. A quote and reactions of others may have. Their old state is not stored,
 * so what changed since is left out. For a membership before the present one the end is unknown:
 * then everything later than the message itself is left out. A deleted message stays deleted.
 */
function asOfLeaving(message: Message, { joinedSeq, leftVersion, textVersions }: Author): Message {
  const isLastMembership = leftVersion !== null && message.seq > joinedSeq
  const until = isLastMembership ? leftVersion : (textVersions[0] ?? message.version)
  if (message.version <= until) return message
  const { senderId, reactions } = message
  const own = reactions.filter(({ userIds }) => userIds.includes(senderId))
  const asLeft = {
    ...message,
    version: until,
    reactions: own.map(({ emoji }) => ({ emoji, userIds: [senderId] })),
  }
  const saidAt = textVersions.at(-1) ?? 0
  return saidAt > until ? withoutQuote(asLeft) : asLeft
}

function withoutQuote(message: Message): Message {
  const { replyTo } = message
  return replyTo ? { ...message, replyTo: { ...replyTo, excerpt: '' } } : message
}

/**
 * SQL: the payload of the event `e` for the reader `p`. An edit of a message from before they
 * joined becomes an empty event of the same version (`emptyEvent`). A reply to such a message comes
 * without the quoted text. Readers from the beginning skip both checks.
 */
export const readablePayload = `CASE
  WHEN p.joined_seq > 0 AND strpos(e.payload, '"message.edited"') > 0
    AND e.payload::json->>'type' = 'message.edited'
    AND (e.payload::json #>> '{data,message,seq}')::int <= p.joined_seq
  THEN json_build_object(
    'conversationId', e.payload::json->'conversationId', 'version', e.version, 'type', 'conversation.updated',
    'at', e.payload::json->'at', 'actorId', e.payload::json->'actorId', 'data', '{}'::json
  )::text
  WHEN p.joined_seq > 0 AND strpos(e.payload, '"replyTo":{') > 0
    AND (e.payload::json #>> '{data,message,replyTo,seq}')::int <= p.joined_seq
  THEN jsonb_set(e.payload::jsonb, '{data,message,replyTo,excerpt}', '""')::text
  ELSE e.payload END`
