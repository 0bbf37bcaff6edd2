import type { Snapshot } from '../conversations/load-conversations.ts'

/** Where a conversation stands, and from when to when the person takes part. */
export interface Membership {
  id: string
  version: number
  compactedVersion: number
  participantCount: number
  joinedVersion: number
  /** Null while the person takes part. */
  leftVersion: number | null
}

/** A person's conversations, latest activity first, those left included, and the time of the database. */
export async function readMemberships(
  tx: Snapshot,
  userId: string,
): Promise<{ memberships: Membership[]; now: Date }> {
  const { rows } = await tx.query<{ now: Date } & (Membership | { id: null })>({
    name: 'sync-memberships',
    text: `SELECT now(), c.id, c.version, c.compacted_version AS "compactedVersion", c.participant_count AS "participantCount",
  p.joined_version AS "joinedVersion", p.left_version AS "leftVersion"
FROM (SELECT 1) AS always
LEFT JOIN participants p ON p.user_id = $1
LEFT JOIN LATERAL (SELECT * FROM conversations q WHERE q.id = p.conversation_id OFFSET 0) c ON true
ORDER BY c.last_activity_at DESC, c.id`,
    values: [userId],
  })
  return {
    memberships: rows.flatMap((row) => (row.id === null ? [] : row)),
    now: rows[0]?.now ?? new Date(),
  }
}
