import { newId, usernameLooks } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

interface Named {
  id: string
  username: string
}

/**
 * A name that was given up is kept for its person for so long, so that nobody writes in it to those
 * who knew them by it.
 */
export const keptDays = 14
/** Changes of a username in that time: so many names a person keeps from others at most. */
const mostChanges = 5
const keptSince = `(now() - interval '${keptDays} days')`

/**
 * Keeps a name that its person gives up now. Throws `rate_limited` where they changed theirs too
 * often lately.
 */
export async function keepFormer(tx: pg.PoolClient, { id, username }: Named): Promise<void> {
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
 * Throws `username_taken` where a name looks like one that is kept for somebody else. To be asked after the name was stored,
 * in the same transaction: whoever gave it up a moment ago has committed by then.
 */
export async function refuseKept(tx: pg.PoolClient, { id, username }: Named): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT FROM former_usernames WHERE username_looks = $1 AND user_id <> $2 AND given_up_at > ${keptSince} LIMIT 1`,
    [usernameLooks(username), id],
  )
  if (rowCount) throw new AppError('username_taken')
}

/** Forgets the former names of an account that is deleted: nothing personal stays. */
export async function forgetFormer(tx: pg.PoolClient, userId: string): Promise<void> {
  await tx.query('DELETE FROM former_usernames WHERE user_id = $1', [userId])
}

/** Frees names that were kept for long enough. */
export async function purgeFormer(pool: pg.Pool): Promise<void> {
  await pool.query(`DELETE FROM former_usernames WHERE given_up_at <= ${keptSince}`)
}
