import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { toPreferences } from './preferences.ts'
import { type UserRow, userColumns } from './user-row.ts'

/** A person's row, theirs to change until the transaction ends. Throws `unauthenticated` when they are gone. */
export async function lockUser(tx: pg.PoolClient, id: string): Promise<UserRow> {
  const { rows } = await tx.query<UserRow>(
    `SELECT ${userColumns} FROM users u WHERE u.id = $1 FOR NO KEY UPDATE`,
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError('unauthenticated')
  return { ...row, preferences: toPreferences(row.preferences) }
}
