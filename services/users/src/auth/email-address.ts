import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { mailNotice, mailVerification } from '../mail/mail-job.ts'
import { voidTokens } from '../mail/mailed-token.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import type { Besides, Tell } from '../transaction-with-outbox.ts'
import { emailKey } from './email-key.ts'
import type { Caller } from './sessions.ts'
import type { ConfirmProof } from './step-up.ts'

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

export const keyOf = ({ email }: Pick<UserRow, 'email'>) => (email === null ? null : emailKey(email))

/** Whether `email` is none of the present one's spellings, so that taking it changes how the account is entered. */
export const isOtherAddress = (present: Pick<UserRow, 'email'>, email: string | null | undefined) =>
  email !== undefined && keyOf({ email }) !== keyOf(present)

/**
 * A person with another address. A proven one stays in use until the new one is proven; one that nobody proved is
 * replaced at once. The present address, given again, cancels a change that waits (`cancelAddress`); a proven one keeps
 * the spelling that was proven.
 */
export function withAddress(present: UserRow, email: string | null): UserRow {
  if (!isOtherAddress(present, email))
    return { ...present, email: present.emailVerified ? present.email : email, pendingEmail: null }
  if (email !== null && present.emailVerified) return { ...present, pendingEmail: email }
  const emailWasProven = present.emailWasProven || present.emailVerified
  return { ...present, email, emailVerified: false, emailWasProven, pendingEmail: null }
}

interface AddressChange extends Besides {
  present: UserRow
  next: UserRow
  /** Undefined where the caller showed no proof, because their address changed only meanwhile. */
  confirm: ConfirmProof | undefined
}

/** What another address brings with it: the proof, notices to the old one, a link to the new one, no other link that is good. */
export async function announceAddress(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { present, next, confirm, note, post }: AddressChange,
): Promise<void> {
  if (!confirm) throw new AppError('reauthentication_required')
  await confirm(tx, note)
  await refuseProven(tx, next)
  await voidTokens(tx, actor.userId)
  const waits = next.pendingEmail !== null
  const type = waits ? 'email_change_requested' : 'email_changed'
  note({ type, userId: actor.userId, sessionId: actor.sessionId, ip })
  mailNotice(post, type, present)
  mailVerification(post, next)
}

/**
 * Ends a change of address that waits: the link to the new one is good no more, and the account's
 * activity says so.
 */
export async function cancelAddress(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { note }: Pick<Besides, 'note'>,
): Promise<void> {
  await voidTokens(tx, actor.userId, 'verify_email')
  note({ type: 'email_change_cancelled', userId: actor.userId, sessionId: actor.sessionId, ip })
}

/** Throws `email_taken` where somebody else has proven the address. */
async function refuseProven(tx: pg.PoolClient, { id, email, pendingEmail }: UserRow): Promise<void> {
  const { rowCount } = await tx.query(
    'SELECT FROM users WHERE email_key = $1 AND email_verified AND id <> $2 LIMIT 1',
    [keyOf({ email: pendingEmail ?? email }), id],
  )
  if (rowCount) throw new AppError('email_taken')
}
