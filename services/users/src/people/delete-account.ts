import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { type Caller, endSessions } from '../auth/sessions.ts'
import { type StepUpDeps, stepUp } from '../auth/step-up.ts'
import type { WithMailer } from '../mail/mailer.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { deleteBlocks } from './blocks.ts'
import { deleteFormerUsernames } from './former-usernames.ts'
import { type UserRow, userColumns } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/*
 * Account deletion.
 *
 * Promises
 * - It needs a step-up, and happens in one transaction: all of the account is deleted or nothing.
 * - Nothing personal stays: password, sessions, devices, addresses, mails, audit log, blocks,
 *   pictures, former usernames, preferences. The username is free again at once.
 * - One row stays, without a name, so that messages of this user keep an author. One audit entry
 *   says that the account was deleted.
 * - The other services learn it by `session.ended`, `block.changed` and `user.deleted`.
 *
 * Never: an account that is deleted is not restored, and its id is not used again.
 *
 * What is outside the database (files of mails) is deleted afterwards. If that fails, maintenance
 * does it (`mailer.sweep`).
 */

/** Deletes the caller's account. Throws what `stepUp` throws. */
export async function deleteAccount(
  ctx: TransactionDeps & StepUpDeps & WithMailer,
  caller: Caller,
  proof: RouteBody<typeof usersApi.deleteMe>,
): Promise<void> {
  const { actor } = caller
  const confirm = await stepUp(ctx, caller, proof)
  await transactionWithOutbox(ctx, async (tx, emit, { audit }) => {
    await confirm(tx, audit)
    const { rows } = await tx.query<UserRow>(erase, [actor.userId])
    const [deleted] = rows
    if (!deleted) throw new AppError('unauthenticated')
    await endSessions(tx, { userId: actor.userId, all: true }, emit)
    await deleteIdentity(tx, actor.userId)
    await deleteFormerUsernames(tx, actor.userId)
    await deleteBlocks(tx, actor.userId, emit)
    await tx.query('DELETE FROM avatars WHERE user_id = $1', [actor.userId])
    await tx.query('DELETE FROM exports WHERE user_id = $1', [actor.userId])
    audit({ type: 'account_deleted', userId: actor.userId })
    emit(actor.userId, 'user.deleted', {
      id: actor.userId,
      version: deleted.version,
      user: toPublicUser(deleted),
    })
  })
  // Maintenance deletes what this misses.
  await ctx.mailer
    .deleteMailsAbout(actor.userId)
    .catch((error) => ctx.log.warn('Files of mails could not be deleted', { error }))
}

/**
 * The name that stays starts with a character no username has, and the hash is empty: nobody can
 * sign in.
 */
const erase = `UPDATE users u SET username = ':' || id, username_looks = NULL, display_name = 'Deleted account', bio = '', avatar_url = NULL,
  email = NULL, email_key = NULL, email_verified = false, pending_email = NULL, pending_email_key = NULL,
  email_was_proven = false, password_hash = '',
  totp_secret = NULL, totp_enabled = false, totp_last_step = NULL, preferences = '{}', search_words = '', reachable = false,
  created_at = date_trunc('day', created_at), last_seen_at = now(), deleted_at = now(), version = version + 1
WHERE id = $1 AND deleted_at IS NULL RETURNING ${userColumns}`

/** Deletes the audit log, recovery codes, mailed tokens and waiting mails. */
async function deleteIdentity(tx: pg.PoolClient, userId: string): Promise<void> {
  await tx.query('DELETE FROM security_events WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mailed_tokens WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mails WHERE user_id = $1', [userId])
}
