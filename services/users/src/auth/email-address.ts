import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { toSharedUser } from '../people/to-shared-user.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import type { Tell } from '../transaction-with-outbox.ts'

/** Others who lose an address when somebody proves it, in that moment. The rest lose it when they next ask for a link. */
const mostAtOnce = 100

/** A person and an address that they proved with a mailed token. */
export interface Claim {
  userId: string
  emailKey: string
}

/**
 * Takes an address away from everyone who gave it and has not proven it, before its owner is stored as such. Rows are
 * locked in the order of their ids, and before tokens: of two owners, one waits for the other and finds the address gone.
 */
export async function claimAddress(
  tx: pg.PoolClient,
  { userId, emailKey }: Claim,
  tell: Tell,
): Promise<void> {
  const { rows: others } = await tx.query<{ id: string }>(
    `(SELECT id FROM users WHERE email_key = $1 AND NOT email_verified AND id <> $2 LIMIT $3)
UNION (SELECT id FROM users WHERE pending_email_key = $1 AND id <> $2 LIMIT $3)`,
    [emailKey, userId, mostAtOnce],
  )
  const ids = others.map(({ id }) => id)
  await tx.query('SELECT FROM users WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [
    [...ids, userId],
  ])
  await takeAway(tx, { ids, emailKey }, tell)
}

/** The address, and the links to it, are these people's no more; their devices look at their profile again. */
export async function takeAway(
  tx: pg.PoolClient,
  { ids, emailKey }: { ids: string[]; emailKey: string },
  tell: Tell,
): Promise<void> {
  if (ids.length === 0) return
  const { rows } = await tx.query<UserRow>(
    `UPDATE users u SET version = version + 1,
  email = CASE WHEN email_key = $2 THEN NULL ELSE email END,
  email_key = CASE WHEN email_key = $2 THEN NULL ELSE email_key END,
  pending_email = CASE WHEN pending_email_key = $2 THEN NULL ELSE pending_email END,
  pending_email_key = CASE WHEN pending_email_key = $2 THEN NULL ELSE pending_email_key END
WHERE id = ANY($1::uuid[]) AND (email_key = $2 AND NOT email_verified OR pending_email_key = $2)
RETURNING ${userColumns}`,
    [ids, emailKey],
  )
  for (const row of rows) tell(row.id, 'user.updated', toSharedUser(row))
  await tx.query('DELETE FROM mailed_tokens WHERE user_id = ANY($1::uuid[]) AND email_key = $2', [
    ids,
    emailKey,
  ])
}

const uniqueViolation = '23505'

/** Rethrows what storing a proven address threw: where somebody else has proven it meanwhile, the link is `gone`. */
export function refuseLate(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === uniqueViolation)
    throw new AppError('gone', { cause: error })
  throw error
}
