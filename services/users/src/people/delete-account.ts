import type { RouteBody, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'

import type { Caller } from '../auth/sessions.ts'
import { deleteSessions } from '../auth/sessions.ts'
import { stepUp } from '../auth/step-up.ts'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { dropBlocks } from './blocks.ts'
import { forgetFormer } from './former-usernames.ts'
import { type UserRow, userColumns } from './user-row.ts'
import { toPublicUser } from './user-views.ts'

/** Ends an account: all its sessions end and its devices with them, nothing personal stays, and its name is free again. Throws what `stepUp` throws. */
export async function deleteMe(
  ctx: UsersContext,
  caller: Caller,
  proof: RouteBody<typeof usersApi.deleteMe>,
): Promise<void> {
  const { actor } = caller
  const confirm = await stepUp(ctx, caller, proof)
  await commitFacts(ctx, async (tx, tell, { note }) => {
    await confirm(tx, note)
    const { rows } = await tx.query<UserRow>(erase, [actor.userId])
    const [gone] = rows
    if (!gone) throw new AppError('unauthenticated')
    await deleteSessions(tx, { userId: actor.userId, all: true }, tell)
    await forgetIdentity(tx, actor.userId)
    await forgetFormer(tx, actor.userId)
    await dropBlocks(tx, actor.userId, tell)
    await tx.query('DELETE FROM avatars WHERE user_id = $1', [actor.userId])
    await tx.query('DELETE FROM exports WHERE user_id = $1', [actor.userId])
    note({ type: 'account_deleted', userId: actor.userId })
    tell(actor.userId, 'user.deleted', {
      id: actor.userId,
      version: gone.version,
      user: toPublicUser(gone),
    })
  })
  // What this misses, the next round of housekeeping finds.
  await ctx.mailer
    .forget(actor.userId)
    .catch((error) => ctx.log.warn('Files of mails could not be deleted', { error }))
}

/** The name that stays begins with a character no username may have, and the hash is none: nobody finds it or signs in under it. */
const erase = `UPDATE users u SET username = ':' || id, username_looks = NULL, display_name = 'Deleted account', bio = '', avatar_url = NULL,
  email = NULL, email_key = NULL, email_verified = false, pending_email = NULL, pending_email_key = NULL,
  email_was_proven = false, password_hash = '',
  totp_secret = NULL, totp_enabled = false, totp_last_step = NULL, preferences = '{}', search_words = '', reachable = false,
  created_at = date_trunc('day', created_at), last_seen_at = now(), deleted_at = now(), version = version + 1
WHERE id = $1 AND deleted_at IS NULL RETURNING ${userColumns}`

/** Forgets what a person signed in with and what was noted of it, for an account that is deleted: security events, recovery codes, mailed tokens, mails that wait. */
async function forgetIdentity(tx: pg.PoolClient, userId: string): Promise<void> {
  await tx.query('DELETE FROM security_events WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mailed_tokens WHERE user_id = $1', [userId])
  await tx.query('DELETE FROM mails WHERE user_id = $1', [userId])
}
