import type { Queryable } from '../deps.ts'

/** Where a conversation stands, and from when on the person takes part. */
export interface Membership {
  id: string
  version: number
  compactedVersion: number
  participantCount: number
  joinedVersion: number
  /** When the person's own markers or settings last changed, in milliseconds since 1970. */
  changedAt: number | null
}

/** Ids after one, up to and including another. */
export interface IdRange {
  after: string
  until: string
}

export const allIds: IdRange = {
  after: '00000000-0000-0000-0000-000000000000',
  until: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

/** The conversations of a range that a person takes part in, latest activity first, and the time of the database in milliseconds since 1970. */
export async function readMemberships(
  tx: Queryable,
  userId: string,
  { after, until }: IdRange = allIds,
): Promise<{ memberships: Membership[]; now: number }> {
  const { rows } = await tx.query<{ now: number } & (Membership | { id: null })>({
    name: 'sync-memberships',
    text: `SELECT (extract(epoch FROM now()) * 1000)::float8 AS now, c.id, c.version, c.compacted_version AS "compactedVersion", c.participant_count AS "participantCount",
  p.joined_version AS "joinedVersion",
  (extract(epoch FROM greatest(p.marker_at, p.me_at)) * 1000)::float8 AS "changedAt"
FROM (SELECT 1) AS always
LEFT JOIN participants p ON p.user_id = $1 AND p.left_version IS NULL AND p.conversation_id > $2 AND p.conversation_id <= $3
LEFT JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = p.conversation_id OFFSET 0) c ON true
ORDER BY c.last_activity_at DESC, c.id`,
    values: [userId, after, until],
  })
  return {
    memberships: rows.flatMap((row) => (row.id === null ? [] : row)),
    now: Math.floor(rows[0]?.now ?? Date.now()),
  }
}
