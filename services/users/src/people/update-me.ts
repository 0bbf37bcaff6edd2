import { isDeepStrictEqual } from 'node:util'
import { type Me, type RouteBody, usernameLooks, type usersApi } from '@finnigram/contracts'
import type pg from 'pg'
import {
  applyAddressChange,
  cancelAddressChange,
  emailKeyOf,
  isOtherAddress,
  withAddress,
} from '../auth/email-address.ts'
import { emailKey } from '../auth/email-key.ts'
import { type Caller, requireSession } from '../auth/sessions.ts'
import { type ConfirmProof, type Proof, type StepUpDeps, stepUp } from '../auth/step-up.ts'
import type { WithLimits, WithPrisma } from '../deps.ts'
import { newAddressLimits } from '../limits.ts'
import { enqueueNotice } from '../mail/mail-job.ts'
import { type AfterCommit, type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { requireUnreserved, reserveFormerUsername } from './former-usernames.ts'
import { changePreferences, toPreferences } from './preferences.ts'
import { searchWords } from './search-words.ts'
import { lockUser, rethrowAsTaken, type UserRow } from './user-row.ts'
import { toMe, toSharedUser } from './user-views.ts'

type Change = RouteBody<typeof usersApi.updateMe>
type UpdateDeps = TransactionDeps & StepUpDeps & WithLimits & WithPrisma
type ProfileChange = Omit<Change, keyof Proof>

/**
 * Changes the caller's profile; omitted fields stay. Another e-mail address needs a step-up and
 * takes effect once proven. The former username is reserved for two weeks. Throws `username_taken`,
 * `email_taken`, `rate_limited` after five usernames in that time, and what `stepUp` throws.
 */
export async function updateMe(
  ctx: UpdateDeps,
  caller: Caller,
  { password, totp, ...change }: Change,
): Promise<Me> {
  const { actor } = caller
  const confirm = await proveChange(ctx, caller, { change, proof: { password, totp } })
  const row = await transactionWithOutbox(ctx, async (tx, emit, afterCommit) => {
    await requireSession(tx, actor)
    const present = await lockUser(tx, actor.userId)
    const next = changed(present, change)
    if (isDeepStrictEqual(next, present)) return present
    if (isOtherAddress(present, change.email))
      await applyAddressChange(tx, caller, { present, next, confirm, ...afterCommit })
    else if (present.pendingEmail !== next.pendingEmail) await cancelAddressChange(tx, caller, afterCommit)
    const stored = { ...next, version: present.version + 1 }
    await storeUser(tx, stored)
    if (next.username !== present.username) await rename(tx, caller, { present, next, ...afterCommit })
    emit(stored.id, 'user.updated', toSharedUser(stored))
    return stored
  })
  return toMe(row)
}

function changed(present: UserRow, { preferences, email, ...plain }: ProfileChange): UserRow {
  const next = { ...(email === undefined ? present : withAddress(present, email)), ...plain }
  if (preferences) next.preferences = changePreferences(toPreferences(present.preferences), preferences)
  return next
}

/** Only another address needs a proof: clients may send the present one with the profile. */
async function proveChange(
  ctx: UpdateDeps,
  caller: Caller,
  { change, proof }: { change: ProfileChange; proof: Proof },
): Promise<ConfirmProof | undefined> {
  const { userId } = caller.actor
  if (change.email === undefined) return undefined
  const present = await ctx.prisma.user.findUnique({ where: { id: userId }, select: { email: true } })
  if (!present || !isOtherAddress(present, change.email)) return undefined
  for (const limit of newAddressLimits) await ctx.limits.consume(limit, userId)
  return stepUp(ctx, caller, proof)
}

interface Renaming extends AfterCommit {
  present: UserRow
  next: UserRow
}

/**
 * Changes the username. It needs no step-up: signing in by address still works, and nobody else
 * gets the former name meanwhile. The new name must look like nobody else's.
 */
async function rename(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { present, next, audit, enqueueMail }: Renaming,
): Promise<void> {
  await tx
    .query('UPDATE users SET username_looks = $2 WHERE id = $1', [next.id, usernameLooks(next.username)])
    .catch(rethrowAsTaken)
  await requireUnreserved(tx, next)
  await reserveFormerUsername(tx, present)
  audit({ type: 'username_changed', userId: actor.userId, sessionId: actor.sessionId, ip })
  enqueueNotice(enqueueMail, 'username_changed', { ...present, username: next.username })
}

async function storeUser(tx: pg.PoolClient, row: UserRow): Promise<void> {
  const values = [
    row.id,
    row.username,
    row.displayName,
    row.bio,
    row.email,
    emailKeyOf(row),
    row.emailVerified,
    row.emailWasProven,
    row.pendingEmail,
    row.pendingEmail === null ? null : emailKey(row.pendingEmail),
    JSON.stringify(row.preferences),
    searchWords(row),
    row.version,
  ]
  await tx
    .query(
      `UPDATE users SET username = $2, display_name = $3, bio = $4, email = $5, email_key = $6, email_verified = $7,
  email_was_proven = $8, pending_email = $9, pending_email_key = $10,
  preferences = $11::jsonb, search_words = array_to_tsvector($12::text[]), version = $13
WHERE id = $1`,
      values,
    )
    .catch(rethrowAsTaken)
}
