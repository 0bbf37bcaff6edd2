import type { messagesApi, PublicUser, RouteBody, RouteReply } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { isBlocked, type ProfileRow, profileColumns, toShownProfile } from '../../people/shown-profile.ts'

type Lookup = typeof messagesApi.lookupParticipants

/**
 * Who left still stands in what the reader may read: from their own time, or from before where they see all of it.
 * Across a block only what both are in now counts: who blocked somebody and left is no longer known to them.
 */
const select = `SELECT ${profileColumns('$1')} FROM unnest($2::uuid[]) AS wanted (id)
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
 * Of these people, those who stand in what the caller may read, in the order asked for, each once.
 */
export async function lookupParticipants(
  { pool }: Pick<MessagesContext, 'pool'>,
  actor: Actor,
  { ids }: RouteBody<Lookup>,
): Promise<RouteReply<Lookup>> {
  const wanted = [...new Set(ids)]
  const { rows } = await pool.query<ProfileRow>({
    name: 'lookup-participants',
    text: select,
    values: [actor.userId, wanted],
  })
  const byId = new Map<string, PublicUser>(rows.map((row) => [row.profile.id, toShownProfile(row)]))
  return { items: wanted.flatMap((id) => byId.get(id) ?? []) }
}
