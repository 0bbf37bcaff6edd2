import type { Attachment, FieldError, Message } from '@finnigram/contracts'
import type pg from 'pg'
import { findMentioned, type Mentioned, noMentions, readText } from '../text/find-mentioned.ts'
import { messageExcerpt } from './excerpt.ts'
import type { NewSend } from './new-send.ts'

/** A send with everything it refers to. */
export interface ResolvedSend extends Mentioned {
  send: NewSend
  text: string | null
  attachments: Attachment[]
  replied: Replied | undefined
  /** The forwarded message, unless the sender added text or files of their own. */
  forwardOf: string | undefined
  hasLink: boolean
  /** Why it cannot be stored, unless it is stored already. */
  errors: FieldError[]
}

/**
 * Looks up what sends refer to. Each kind of reference costs the whole batch one query. A batch of
 * plain texts costs none.
 */
export async function resolveReferences(pool: pg.Pool, sends: readonly NewSend[]): Promise<ResolvedSend[]> {
  const parsed = sends.map(({ text }) => readText(text ?? null))
  const namings = sends.map(({ conversationId, senderId }, place) => ({
    conversationId,
    senderId,
    usernames: parsed[place]?.usernames ?? [],
  }))
  const [replied, forwarded, attached, mentioned] = await Promise.all([
    findReplied(pool, sends),
    findForwarded(pool, sends),
    findAttached(pool, sends),
    findMentioned(pool, namings),
  ])
  return sends.map((send, place) => {
    const content = contentOf(send, forwarded.get(place), attached.get(place))
    return {
      send,
      ...content,
      ...(mentioned.get(place) ?? noMentions),
      hasLink: (content.isCopied ? readText(content.text) : parsed[place])?.hasLink ?? false,
      replied: replied.get(place),
      errors: [...content.errors, ...replyErrors(send, replied.get(place))],
    }
  })
}

/**
 * A forward without text or files of the sender copies the message. With others than its own it is
 * no forward: the mark would attribute them to the original author.
 */
function contentOf(
  { text, attachmentIds = [], forwardOf }: NewSend,
  forwarded: Forwarded | undefined,
  attached: ReadonlyMap<string, Attachment> = new Map(),
) {
  const errors: FieldError[] =
    forwardOf !== undefined && !forwarded
      ? [{ path: 'body.forwardOf', message: 'There is no such message to forward' }]
      : []
  if (forwarded && text === undefined && attachmentIds.length === 0) {
    return { ...forwarded, isCopied: true, forwardOf, errors }
  }
  for (const [i, id] of attachmentIds.entries()) {
    const path = `body.attachmentIds.${i}`
    if (!attached.has(id)) errors.push({ path, message: 'There is no such finished upload of yours' })
    else if (attachmentIds.indexOf(id) < i) errors.push({ path, message: 'Is there already' })
  }
  const attachments = attachmentIds.flatMap((id) => attached.get(id) ?? [])
  const content = { text: text ?? null, attachments }
  const isSame = forwarded !== undefined && isSameContent(content, forwarded)
  return { ...content, isCopied: false, forwardOf: isSame ? forwardOf : undefined, errors }
}

function isSameContent(content: Forwarded, forwarded: Forwarded): boolean {
  const idsOf = ({ attachments }: Forwarded) => attachments.map(({ id }) => id).join()
  return content.text === forwarded.text && idsOf(content) === idsOf(forwarded)
}

const replyErrors = ({ replyToId }: NewSend, replied: Replied | undefined): FieldError[] =>
  replyToId === undefined || replied
    ? []
    : [{ path: 'body.replyToId', message: 'There is no such message in this conversation' }]

/** A message replied to, as it is now. */
interface Replied {
  preview: NonNullable<Message['replyTo']>
  /**
   * Version of the event that last carried its text. If it has changed when storing, so may the
   * excerpt.
   */
  edition: number | null
}

const selectReplied = `SELECT s.place, m.id, m.seq, m.sender_id AS "senderId", m.text, m.attachments,
  m.text_versions[cardinality(m.text_versions)] AS edition
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[]) AS s (place, reply_to_id, conversation_id, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages m WHERE m.id = s.reply_to_id AND m.conversation_id = s.conversation_id OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT p.joined_seq FROM participants p
  WHERE p.conversation_id = s.conversation_id AND p.user_id = s.sender_id AND p.left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq`

type RepliedRow = { place: number; edition: number | null } & Pick<
  Message,
  'id' | 'seq' | 'senderId' | 'text' | 'attachments'
>

/**
 * The messages that sends reply to, by place in the batch. One that its sender cannot read in that
 * conversation is left out. A deleted one is there, with nothing to quote: the reply may have been
 * written before, offline.
 */
async function findReplied(pool: pg.Pool, sends: readonly NewSend[]): Promise<Map<number, Replied>> {
  const replies = sends.flatMap((send, place) =>
    send.replyToId === undefined ? [] : { ...send, replyToId: send.replyToId, place },
  )
  if (replies.length === 0) return new Map()
  const { rows } = await pool.query<RepliedRow>({
    name: 'find-replied',
    text: selectReplied,
    values: [
      replies.map(({ place }) => place),
      replies.map(({ replyToId }) => replyToId),
      replies.map(({ conversationId }) => conversationId),
      replies.map(({ senderId }) => senderId),
    ],
  })
  return new Map(
    rows.map(({ place, id, seq, senderId, edition, ...content }) => [
      place,
      { preview: { id, seq, senderId, excerpt: messageExcerpt(content) }, edition },
    ]),
  )
}

/** The content of a forwarded message. */
type Forwarded = Pick<Message, 'text' | 'attachments'>

const selectForwarded = `SELECT s.place, m.text, m.attachments
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, forward_of, sender_id)
CROSS JOIN LATERAL (
  SELECT * FROM messages q WHERE q.id = s.forward_of AND q.deleted_at IS NULL AND q.kind = 'text' OFFSET 0
) m
CROSS JOIN LATERAL (
  SELECT q.joined_seq FROM participants q
  WHERE q.conversation_id = m.conversation_id AND q.user_id = s.sender_id AND q.left_version IS NULL OFFSET 0
) p
WHERE m.seq > p.joined_seq`

/**
 * The messages that sends forward, by place in the batch. One its sender cannot read is left out.
 */
async function findForwarded(pool: pg.Pool, sends: readonly NewSend[]): Promise<Map<number, Forwarded>> {
  const forwards = sends.flatMap(({ forwardOf, senderId }, place) =>
    forwardOf === undefined ? [] : { forwardOf, senderId, place },
  )
  if (forwards.length === 0) return new Map()
  const { rows } = await pool.query<Forwarded & { place: number }>({
    name: 'find-forwarded',
    text: selectForwarded,
    values: [
      forwards.map(({ place }) => place),
      forwards.map(({ forwardOf }) => forwardOf),
      forwards.map(({ senderId }) => senderId),
    ],
  })
  return new Map(rows.map(({ place, ...forwarded }) => [place, forwarded]))
}

const selectAttached = `SELECT s.place, a.id, a.kind, a.name, a.media_type AS "mediaType", a.size::float8 AS size, a.width, a.height,
  a.thumb_hash AS "thumbHash"
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, id, owner_id)
CROSS JOIN LATERAL (SELECT * FROM attachments q WHERE q.id = s.id AND q.owner_id = s.owner_id OFFSET 0) a`

/**
 * The finished uploads that sends carry and their senders own, by place in the batch, then by id.
 */
async function findAttached(
  pool: pg.Pool,
  sends: readonly NewSend[],
): Promise<Map<number, Map<string, Attachment>>> {
  const wanted = sends.flatMap(({ attachmentIds = [], senderId }, place) =>
    attachmentIds.map((id) => ({ id, senderId, place })),
  )
  const found = new Map<number, Map<string, Attachment>>()
  if (wanted.length === 0) return found
  const { rows } = await pool.query<Attachment & { place: number }>({
    name: 'find-attached',
    text: selectAttached,
    values: [
      wanted.map(({ place }) => place),
      wanted.map(({ id }) => id),
      wanted.map(({ senderId }) => senderId),
    ],
  })
  for (const { place, ...attachment } of rows) {
    const known = found.get(place)
    if (known) known.set(attachment.id, attachment)
    else found.set(place, new Map([[attachment.id, attachment]]))
  }
  return found
}
