import { isDeepStrictEqual } from 'node:util'
import type { Me, RouteBody, usersApi } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/require-session.ts'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { searchWords } from '../search/search-words.ts'
import { emailKey } from './email-key.ts'
import { changePreferences, toPreferences } from './preferences.ts'
import { refuseTaken } from './refuse-taken.ts'
import { toMe } from './to-me.ts'
import { toSharedUser } from './to-shared-user.ts'
import { type UserRow, userColumns } from './user-row.ts'

type Change = RouteBody<typeof usersApi.updateMe>

/** Changes the caller's profile; what is not named stays. Another e-mail address has to be verified anew. Throws `username_taken` or `email_taken`. */
export async function updateMe(ctx: UsersContext, actor: Actor, change: Change): Promise<Me> {
  const row = await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    const present = await lockUser(tx, actor.userId)
    const next = changed(present, change)
    if (isDeepStrictEqual(next, present)) return present
    const stored = { ...next, version: present.version + 1 }
    await storeUser(tx, stored)
    tell(stored.id, 'user.updated', toSharedUser(stored))
    return stored
  })
  return toMe(row)
}

async function lockUser(tx: pg.PoolClient, id: string): Promise<UserRow> {
  const { rows } = await tx.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = $1 FOR NO KEY UPDATE`,
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError('unauthenticated')
  return { ...row, preferences: toPreferences(row.preferences) }
}

function changed(present: UserRow, { preferences, email, ...plain }: Change): UserRow {
  const next = { ...present, ...plain }
  if (preferences) next.preferences = changePreferences(toPreferences(present.preferences), preferences)
  if (email !== undefined) {
    const isSame = email !== null && present.email !== null && emailKey(email) === emailKey(present.email)
    next.email = email
    next.emailVerified = isSame && present.emailVerified
  }
  return next
}

async function storeUser(tx: pg.PoolClient, row: UserRow): Promise<void> {
  const values = [
    row.id,
    row.username,
    row.displayName,
    row.bio,
    row.email,
    row.email === null ? null : emailKey(row.email),
    row.emailVerified,
    JSON.stringify(row.preferences),
    searchWords(row),
    row.version,
  ]
  await tx
    .query(
      `UPDATE users SET username = $2, display_name = $3, bio = $4, email = $5, email_key = $6, email_verified = $7,
  preferences = $8::jsonb, search_words = array_to_tsvector($9::text[]), version = $10
WHERE id = $1`,
      values,
    )
    .catch(refuseTaken)
}
