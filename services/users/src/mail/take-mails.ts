import type pg from 'pg'

export interface QueuedMail {
  id: string
  job: Uint8Array
  /** Which try this is, from 1. */
  tries: number
  /** Tries that were begun and came to no end, this one among them. */
  begun: number
  /** What the last of them failed with, if its process lived to tell. */
  reason: string | null
  createdAt: Date
}

/** Longer than a mail server may take. */
const leaseSeconds = 180

/** Takes mails that are due, oldest first. They are this node's for three minutes; if it dies, another node takes them then. */
export async function takeMails(pool: pg.Pool, atMost: number): Promise<QueuedMail[]> {
  const { rows } = await pool.query<QueuedMail>(
    `UPDATE mails SET due_at = now() + make_interval(secs => $2), tries = tries + 1, begun = begun + 1
WHERE id IN (SELECT id FROM mails WHERE due_at <= now() AND parked_at IS NULL ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id, job, tries, begun, reason, created_at AS "createdAt"`,
    [atMost, leaseSeconds],
  )
  return rows
}

/** Strikes a mail off the queue: sent, in vain, or given up. */
export async function dropMail(pool: pg.Pool, id: string): Promise<void> {
  await pool.query('DELETE FROM mails WHERE id = $1', [id])
}

/** Puts a mail back for another try in `ms` milliseconds. */
export async function putBackMail(pool: pg.Pool, id: string, ms: number): Promise<void> {
  await pool.query('UPDATE mails SET due_at = now() + make_interval(secs => $2), begun = 0 WHERE id = $1', [
    id,
    ms / 1000,
  ])
}
