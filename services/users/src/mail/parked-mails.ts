import {
  isOvertime,
  isUnavailable,
  type ParkedItem,
  type ParkedStore,
  reasonOf,
} from '@finnigram/service-kit'
import type pg from 'pg'

/** Unfinished attempts before a mail is parked. Three minutes lie between them. */
export const mostBegun = 5
/** Mails say who has which address. */
const keptFor = '30 days'

/** Records why an attempt failed. It does not count if something else was unavailable. */
export async function recordFailedAttempt(pool: pg.Pool, id: string, error: unknown): Promise<void> {
  const counts = !isUnavailable(error) || isOvertime(error)
  await pool.query('UPDATE mails SET begun = begun - $2, reason = $3 WHERE id = $1', [
    id,
    counts ? 0 : 1,
    reasonOf(error),
  ])
}

/** Parked mails with one quota key, so that repeated requests do not fill the table. */
const mostParked = 5

/**
 * Parks a mail whose attempts never finish, or which the mail server cannot take. Deletes the
 * oldest parked mails beyond five with the same quota key.
 */
export async function parkMail(
  pool: pg.Pool,
  id: string,
  { reason, userId }: { reason: string; userId?: string | undefined },
): Promise<void> {
  const { rows } = await pool.query<{ mailbox: Buffer | null }>(
    `UPDATE mails SET parked_at = now(), reason = $2, user_id = coalesce(user_id, $3)
WHERE id = $1 RETURNING mailbox`,
    [id, reason, userId ?? null],
  )
  await pool.query(
    `DELETE FROM mails WHERE id IN
  (SELECT id FROM mails WHERE mailbox = $1 AND parked_at IS NOT NULL ORDER BY parked_at DESC, id DESC OFFSET $2)`,
    [rows[0]?.mailbox ?? null, mostParked],
  )
}

/** Parked mails, for `npm run parked`. A retried mail is due at once. */
export const parkedMails = (pool: pg.Pool): ParkedStore => ({
  kind: 'mail',
  async count() {
    await pool.query(`DELETE FROM mails WHERE parked_at < now() - interval '${keptFor}'`)
    const { rows } = await pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM mails WHERE parked_at IS NOT NULL',
    )
    return rows[0]?.count ?? 0
  },
  async list(most) {
    const { rows } = await pool.query<{ id: string; userId: string | null; reason: string | null; at: Date }>(
      `SELECT id, user_id AS "userId", reason, parked_at AS at FROM mails
WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT $1`,
      [most],
    )
    return rows.map(
      ({ id, userId, reason, at }): ParkedItem => ({
        ...{ kind: 'mail', id, at: at.toISOString(), reason: reason ?? '' },
        what: userId === null ? 'a mail' : `a mail to person ${userId}`,
      }),
    )
  },
  retry: async (id) =>
    uuid.test(id) &&
    isOne(
      await pool.query(
        `UPDATE mails SET parked_at = NULL, begun = 0, due_at = now(), created_at = now()
WHERE id = $1 AND parked_at IS NOT NULL`,
        [id],
      ),
    ),
  drop: async (id) =>
    uuid.test(id) &&
    isOne(await pool.query('DELETE FROM mails WHERE id = $1 AND parked_at IS NOT NULL', [id])),
})

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const isOne = ({ rowCount }: pg.QueryResult) => rowCount === 1
