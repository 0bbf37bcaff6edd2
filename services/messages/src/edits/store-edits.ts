import { type ConversationEvent, type DeliveryMetadata, emptyEvent, type Message } from '@finnigram/contracts'
import type { Change } from '../conversations/change-conversation.ts'
import type { Queryable } from '../deps.ts'
import { toMessage } from '../history/message-row.ts'
import type { LockedMessage } from './change-message.ts'

/** A message before, and its changes. */
interface Edit {
  before: LockedMessage
  changes: Partial<LockedMessage>
}

const update = `UPDATE messages m SET version = e.version, text = e.text, reply_to = e.reply_to::jsonb, forward_of = e.forward_of, mentions = e.mentions,
  mentions_all = e.mentions_all, has_link = coalesce(e.has_link, m.has_link), edited_at = e.edited_at, text_versions = e.text_versions
FROM jsonb_to_recordset($1) AS e (
  id uuid, version int, text text, reply_to jsonb, forward_of uuid, mentions uuid[], mentions_all boolean, has_link boolean,
  edited_at timestamptz, text_versions int[]
)
WHERE m.id = e.id`

/**
 * Members since a message may not read it; members since its quoted message may not read the quote.
 */
function hiddenFrom({ seq, replyTo }: Message, membersSince: (seq: number) => string[]): DeliveryMetadata {
  const withheldFrom = membersSince(seq)
  const unquotedFor = replyTo?.excerpt ? membersSince(replyTo.seq) : []
  return {
    ...(withheldFrom.length > 0 && { withheldFrom }),
    ...(unquotedFor.length > 0 && { unquotedFor }),
  }
}

/**
 * Stores edited messages, emits `message.edited` for each, and rewrites the earlier events with
 * their text. Returns the messages as they are now.
 */
export async function storeEdits(
  { tx, conversation, log }: Pick<Change, 'tx' | 'conversation' | 'log'>,
  edits: readonly (Edit & { hasLink?: boolean })[],
): Promise<Message[]> {
  const seqs = edits.flatMap(({ before: { seq, replyTo } }) => (replyTo ? [seq, replyTo.seq] : [seq]))
  const membersSince = await findMembersSince(tx, conversation.id, seqs)
  const edited = edits.map(({ before, changes, hasLink }) => {
    const version = log.version + 1
    const message = toMessage({ ...before, ...changes, version })
    log.emit('message.edited', { message }, hiddenFrom(message, membersSince))
    const textVersions = [...before.textVersions.slice(0, 1), version]
    return { message, hasLink, textVersions, stale: before.textVersions }
  })
  if (edited.length === 0) return []
  const rows = edited.map(({ message, hasLink, textVersions }) => ({
    id: message.id,
    version: message.version,
    text: message.text,
    reply_to: message.replyTo,
    forward_of: message.forwardOf,
    mentions: message.mentions,
    mentions_all: message.mentionsAll,
    has_link: hasLink,
    edited_at: message.editedAt,
    text_versions: textVersions,
  }))
  await tx.query(update, [JSON.stringify(rows)])
  const rewritings = edited.map(({ message, stale }) => ({ versions: stale, message }))
  await rewriteEvents(tx, conversation.id, rewritings)
  return edited.map(({ message }) => message)
}

/** A message as it is now, and the versions of earlier events with its old text. */
interface Rewriting {
  versions: readonly number[]
  message: Message
}

/**
 * Removes old texts from earlier events, so that a device that syncs later never gets them. The
 * first event of a message carries it as it is now. An edit that a newer one superseded becomes an
 * empty event.
 */
export async function rewriteEvents(
  tx: Queryable,
  conversationId: string,
  rewritings: readonly Rewriting[],
): Promise<void> {
  const messages = new Map(
    rewritings.flatMap(({ versions, message }) => versions.map((one) => [one, message])),
  )
  if (messages.size === 0) return
  const { rows } = await tx.query<{ version: number; payload: string }>(
    'SELECT version, payload FROM conversation_events WHERE conversation_id = $1 AND version = ANY($2::int[])',
    [conversationId, [...messages.keys()]],
  )
  const rewritten = rows.flatMap(({ version, payload }) => {
    const message = messages.get(version)
    return message ? { version, payload: JSON.stringify(rewrite(JSON.parse(payload), message)) } : []
  })
  await tx.query(
    `UPDATE conversation_events e SET payload = r.payload
FROM unnest($2::int[], $3::text[]) AS r (version, payload)
WHERE e.conversation_id = $1 AND e.version = r.version`,
    [conversationId, rewritten.map(({ version }) => version), rewritten.map(({ payload }) => payload)],
  )
}

function rewrite(event: ConversationEvent, message: Message): ConversationEvent {
  if (event.type !== 'message.created') return emptyEvent(event)
  const { text, attachments, replyTo, forwardOf, mentions, mentionsAll, deletedAt } = message
  const content = { text, attachments, replyTo, forwardOf, mentions, mentionsAll, deletedAt }
  return { ...event, data: { message: { ...event.data.message, ...content } } }
}

/** For each of these messages, the members who may not read it because they joined after it. */
async function findMembersSince(
  tx: Queryable,
  conversationId: string,
  seqs: readonly number[],
): Promise<(seq: number) => string[]> {
  if (seqs.length === 0) return () => []
  const { rows } = await tx.query<{ userId: string; joinedSeq: number }>(
    `SELECT user_id AS "userId", joined_seq AS "joinedSeq" FROM participants
WHERE conversation_id = $1 AND left_version IS NULL AND joined_seq >= $2`,
    [conversationId, Math.min(...seqs)],
  )
  return (seq) => rows.flatMap(({ userId, joinedSeq }) => (joinedSeq >= seq ? userId : []))
}
