import type { Snapshot } from '../conversations/load-conversations.ts'
import type { EventRange } from './plan-sync.ts'

/** Each range's events as they were written, JSON separated by commas in version order, by conversation. */
export async function readEvents(tx: Snapshot, ranges: readonly EventRange[]): Promise<Map<string, string>> {
  if (ranges.length === 0) return new Map()
  const { rows } = await tx.query<{ id: string; payloads: string }>({
    name: 'sync-events',
    text: `SELECT r.id, e.payloads
FROM unnest($1::uuid[], $2::int[], $3::int[]) AS r (id, after, until)
CROSS JOIN LATERAL (
  SELECT string_agg(payload, ',' ORDER BY version) AS payloads FROM conversation_events
  WHERE conversation_id = r.id AND version > r.after AND version <= r.until
) e`,
    values: [ranges.map(({ id }) => id), ranges.map(({ after }) => after), ranges.map(({ until }) => until)],
  })
  return new Map(rows.map(({ id, payloads }) => [id, payloads]))
}
