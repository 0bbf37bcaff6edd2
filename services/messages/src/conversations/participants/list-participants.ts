import {
  type messagesApi,
  type PublicUser,
  type RouteBody,
  type RouteQuery,
  type RouteReply,
  UserId,
} from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import type { WithPool } from '../../deps.ts'
import { isBlocked, type ProfileRow, profileColumns, toShownProfile } from '../../people/shown-profile.ts'
import { type ParticipantRow, participantColumns, toParticipant } from './participant-row.ts'

type Page = typeof messagesApi.listParticipants

/** The reader's own row proves that they are a participant, in the snapshot of the page. */
const select = `SELECT ${participantColumns('$2')}
FROM participants reader
LEFT JOIN LATERAL (
  SELECT * FROM participants q
  WHERE q.conversation_id = $1 AND q.left_version IS NULL AND ($3::uuid IS NULL OR q.user_id > $3)
  ORDER BY q.user_id LIMIT $4
) p ON true
LEFT JOIN users_replica u ON u.id = p.user_id
WHERE reader.conversation_id = $1 AND reader.user_id = $2 AND reader.left_version IS NULL
ORDER BY p.user_id`

/** The participants of a conversation, by user id. Throws `not_found`. */
export async function listParticipants(
  { pool }: WithPool,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const after = cursor === undefined ? null : fromCursor(UserId, cursor, 'query.cursor')
  const { rows } = await pool.query<ParticipantRow | (ParticipantRow & { userId: null })>({
    name: 'list-participants',
    text: select,
    values: [conversationId, actor.userId, after, limit + 1],
  })
  if (rows.length === 0) throw new AppError('not_found')
  const items = rows.flatMap((row) => (row.userId === null ? [] : toParticipant(row, actor.userId)))
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return { items: page, nextCursor: last && items.length > limit ? toCursor(last.userId) : null }
}

type Lookup = typeof messagesApi.lookupParticipants

/**
 * Former participants count while the reader may read messages from their time. Across a block only
 * conversations of which both are participants now count.
 */
const selectShared = `SELECT ${profileColumns('$1')} FROM unnest($2::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT * FROM users_replica q WHERE q.id = wanted.id OFFSET 0) u
WHERE EXISTS (
  SELECT FROM (SELECT * FROM participants q WHERE q.user_id = u.id OFFSET 0) theirs
  CROSS JOIN LATERAL (
    SELECT * FROM participants q
    WHERE q.conversation_id = theirs.conversation_id AND q.user_id = $1 AND q.left_version IS NULL OFFSET 0
  ) mine
  WHERE theirs.left_version IS NULL OR (
    (theirs.left_version > mine.joined_version OR mine.joined_seq = 0) AND NOT ${isBlocked('$1')}
  ) OFFSET 0
)`

/**
 * Profiles of those who appear in what the caller may read, in the order of the request, each once.
 */
export async function lookupParticipants(
  { pool }: WithPool,
  actor: Actor,
  { ids }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const wanted = [...new Set(ids)]
  const { rows } = await pool.query<ProfileRow>({
    name: 'lookup-participants',
    text: selectShared,
    values: [actor.userId, wanted],
  })
  const byId = new Map<string, PublicUser>(rows.map((row) => [row.profile.id, toShownProfile(row)]))
  return { items: wanted.flatMap((id) => byId.get(id) ?? []) }
}
