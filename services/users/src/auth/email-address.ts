import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { enqueueNotice, enqueueVerification } from '../mail/mail-job.ts'
import { revokeTokens } from '../mail/mailed-token.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import type { AfterCommit, Emit } from '../transaction-with-outbox.ts'
import { emailKey } from './email-key.ts'
import type { Caller } from './sessions.ts'
import type { ConfirmProof } from './step-up.ts'

/*
 * Who owns an e-mail address. Until somebody proves it (by a mailed link), several accounts may
 * have given it; once proven, it belongs to one account. A proven address stays in use until its
 * replacement is proven, so the account can always be recovered.
 */

/** Accounts that lose an address when it is proven. Others lose it when they ask for their link. */
const mostAtOnce = 100

/** A user and the address that they proved with a mailed token. */
export interface Claim {
  userId: string
  emailKey: string
}

/**
 * Removes an address from all accounts that have not proven it, before its owner is stored. Locks
 * users in id order and before tokens: of two concurrent owners, the second finds the address gone.
 */
export async function claimAddress(
  tx: pg.PoolClient,
  { userId, emailKey }: Claim,
  emit: Emit,
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
  await releaseAddress(tx, { ids, emailKey }, emit)
}

/**
 * Removes an address, and the links to it, from these users. The event makes their devices fetch
 * the profile.
 */
export async function releaseAddress(
  tx: pg.PoolClient,
  { ids, emailKey }: { ids: string[]; emailKey: string },
  emit: Emit,
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
  for (const row of rows) emit(row.id, 'user.updated', toSharedUser(row))
  await tx.query('DELETE FROM mailed_tokens WHERE user_id = ANY($1::uuid[]) AND email_key = $2', [
    ids,
    emailKey,
  ])
}

const uniqueViolation = '23505'

/** Maps the error of storing a proven address: `gone` if somebody else proved it meanwhile. */
export function rethrowAsGone(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === uniqueViolation)
    throw new AppError('gone', { cause: error })
  throw error
}

export const emailKeyOf = ({ email }: Pick<UserRow, 'email'>) => (email === null ? null : emailKey(email))

/** Whether `email` is more than another spelling of the present address. */
export const isOtherAddress = (present: Pick<UserRow, 'email'>, email: string | null | undefined) =>
  email !== undefined && emailKeyOf({ email }) !== emailKeyOf(present)

/**
 * A user with another address. A proven address waits for the proof of the new one; an unproven one
 * is replaced at once. Giving the present address again cancels a pending change, and a proven
 * address keeps its proven spelling.
 */
export function withAddress(present: UserRow, email: string | null): UserRow {
  if (!isOtherAddress(present, email))
    return { ...present, email: present.emailVerified ? present.email : email, pendingEmail: null }
  if (email !== null && present.emailVerified) return { ...present, pendingEmail: email }
  const emailWasProven = present.emailWasProven || present.emailVerified
  return { ...present, email, emailVerified: false, emailWasProven, pendingEmail: null }
}

interface AddressChange extends AfterCommit {
  present: UserRow
  next: UserRow
  /** Undefined without a proof: the address was changed between check and lock. */
  confirm: ConfirmProof | undefined
}

/** Confirms the proof, revokes all links, notifies the old address, mails a link to the new one. */
export async function applyAddressChange(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { present, next, confirm, audit, enqueueMail }: AddressChange,
): Promise<void> {
  if (!confirm) throw new AppError('reauthentication_required')
  await confirm(tx, audit)
  await requireUnproven(tx, next)
  await revokeTokens(tx, actor.userId)
  const waits = next.pendingEmail !== null
  const type = waits ? 'email_change_requested' : 'email_changed'
  audit({ type, userId: actor.userId, sessionId: actor.sessionId, ip })
  enqueueNotice(enqueueMail, type, present)
  enqueueVerification(enqueueMail, next)
}

/** Cancels a pending change of address: revokes the link and adds an audit entry. */
export async function cancelAddressChange(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { audit }: Pick<AfterCommit, 'audit'>,
): Promise<void> {
  await revokeTokens(tx, actor.userId, 'verify_email')
  audit({ type: 'email_change_cancelled', userId: actor.userId, sessionId: actor.sessionId, ip })
}

/** Throws `email_taken` if somebody else has proven the address. */
async function requireUnproven(tx: pg.PoolClient, { id, email, pendingEmail }: UserRow): Promise<void> {
  const { rowCount } = await tx.query(
    'SELECT FROM users WHERE email_key = $1 AND email_verified AND id <> $2 LIMIT 1',
    [emailKeyOf({ email: pendingEmail ?? email }), id],
  )
  if (rowCount) throw new AppError('email_taken')
}
