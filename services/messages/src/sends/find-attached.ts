import type { Attachment } from '@finnigram/contracts'
import type pg from 'pg'
import type { NewSend } from './new-send.ts'

const select = `SELECT s.place, a.id, a.kind, a.name, a.media_type AS "mediaType", a.size::float8 AS size, a.width, a.height,
  a.thumb_hash AS "thumbHash"
FROM unnest($1::int[], $2::uuid[], $3::uuid[]) AS s (place, id, owner_id)
CROSS JOIN LATERAL (SELECT * FROM attachments q WHERE q.id = s.id AND q.owner_id = s.owner_id OFFSET 0) a`

/** The finished uploads of their senders that sends carry: by the send's place in the batch, then by id. */
export async function findAttached(
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
    text: select,
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
