import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { Caller } from '../auth/caller.ts'
import { emailKey } from '../auth/email-key.ts'
import type { ConfirmProof } from '../auth/step-up.ts'
import { mailNotice } from '../mail/mail-notice.ts'
import { mailVerification } from '../mail/mail-verification.ts'
import { voidTokens } from '../mail/mailed-token.ts'
import type { Besides } from '../transaction-with-outbox.ts'
import type { UserRow } from './user-row.ts'

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
