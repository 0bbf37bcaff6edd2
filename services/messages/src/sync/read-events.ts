import type { Queryable } from '../deps.ts'
import { readablePayload } from '../events/readable-payload.ts'
import type { EventRange } from './plan-sync.ts'

/** Each range's events as the reader may read them, JSON separated by commas in version order, by conversation. */
export async function readEvents(
  tx: Queryable,
  userId: string,
  ranges: readonly EventRange[],
): Promise<Map<string, string>> {
  if (ranges.length === 0) return new Map()
  const { rows } = await tx.query<{ id: string; payloads: string }>({
    name: 'sync-events',
    text: `SELECT r.id, e.payloads
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS r (id, after, until)
CROSS JOIN LATERAL (
  SELECT q.joined_seq FROM participants q WHERE q.conversation_id = r.id AND q.user_id = $4 OFFSET 0
) p
CROSS JOIN LATERAL (
  SELECT string_agg(${readablePayload}, ',' ORDER BY e.version) AS payloads FROM conversation_events e
  WHERE e.conversation_id = r.id AND e.version > r.after AND e.version <= r.until
) e`,
    values: [
      ranges.map(({ id }) => id),
      ranges.map(({ after }) => after),
      ranges.map(({ until }) => until),
      userId,
    ],
  })
  return new Map(rows.map(({ id, payloads }) => [id, payloads]))
}
