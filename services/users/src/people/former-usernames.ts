import { newId, usernameLooks } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

interface Named {
  id: string
  username: string
}

/** How long a former username stays reserved for its user, so that nobody can impersonate them. */
export const keptDays = 14
/** Changes of a username in that time, which bounds the reserved names per user. */
const mostChanges = 5
const keptSince = `(now() - interval '${keptDays} days')`

/** Reserves the name that a user gives up now. Throws `rate_limited` after too many changes. */
export async function reserveFormerUsername(tx: pg.PoolClient, { id, username }: Named): Promise<void> {
  const { rows } = await tx.query<{ secondsLeft: number }>(
    `SELECT ceil(extract(epoch FROM given_up_at - ${keptSince}))::int AS "secondsLeft"
FROM former_usernames WHERE user_id = $1 AND given_up_at > ${keptSince} ORDER BY given_up_at`,
    [id],
  )
  if (rows.length >= mostChanges)
    throw new AppError('rate_limited', {
      detail: `A username can be changed ${mostChanges} times in ${keptDays} days`,
      retryAfter: Math.max(1, rows[0]?.secondsLeft ?? 1),
    })
  await tx.query('INSERT INTO former_usernames (id, user_id, username_looks) VALUES ($1, $2, $3)', [
    newId(),
    id,
    usernameLooks(username),
  ])
}

/**
 * Throws `username_taken` if the name looks like one reserved for somebody else. Call it after the
 * name was stored, in the same transaction: the unique index has then waited for its former user.
 */
export async function requireUnreserved(tx: pg.PoolClient, { id, username }: Named): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM former_usernames WHERE username_looks = $1 AND user_id <> $2 AND given_up_at > ${keptSince} LIMIT 1`,
    [usernameLooks(username), id],
  )
  if (rowCount) throw new AppError('username_taken')
}

/** Deletes the former usernames of an account that is deleted. */
export async function deleteFormerUsernames(tx: pg.PoolClient, userId: string): Promise<void> {
  await tx.query('DELETE FROM former_usernames WHERE user_id = $1', [userId])
}

/** Deletes expired reservations. */
export async function purgeFormerUsernames(pool: pg.Pool): Promise<void> {
  await pool.query(`DELETE FROM former_usernames WHERE given_up_at <= ${keptSince}`)
}
