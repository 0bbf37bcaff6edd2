import { isDeepStrictEqual } from 'node:util'
import { type Me, type RouteBody, usernameLooks, type usersApi } from '@finnigram/contracts'
import type pg from 'pg'
import { announceAddress, cancelAddress, isOtherAddress, keyOf, withAddress } from '../auth/email-address.ts'
import { emailKey } from '../auth/email-key.ts'
import type { Caller } from '../auth/sessions.ts'
import { requireSession } from '../auth/sessions.ts'
import { type ConfirmProof, type Proof, stepUp } from '../auth/step-up.ts'
import type { UsersContext } from '../context.ts'
import { newAddressLimits } from '../limits.ts'
import { mailNotice } from '../mail/mail-job.ts'
import { type Besides, commitFacts } from '../transaction-with-outbox.ts'
import { keepFormer, refuseKept } from './former-usernames.ts'
import { changePreferences, toPreferences } from './preferences.ts'
import { searchWords } from './search-words.ts'
import type { UserRow } from './user-row.ts'
import { lockUser, refuseTaken } from './user-row.ts'
import { toMe, toSharedUser } from './user-views.ts'

type Change = RouteBody<typeof usersApi.updateMe>
type ProfileChange = Omit<Change, keyof Proof>

/**
 * Changes the caller's profile; what is not named stays. Another e-mail address needs a proof (`stepUp`) and counts once
 * it is proven. Another username is told to the proven address, and the former one kept for two weeks. Throws
 * `username_taken`, `email_taken`, `rate_limited` after five usernames in that time, and what `stepUp` throws.
 */
export async function updateMe(
  ctx: UsersContext,
  caller: Caller,
  { password, totp, ...change }: Change,
): Promise<Me> {
  const { actor } = caller
  const confirm = await proveChange(ctx, caller, { change, proof: { password, totp } })
  const row = await commitFacts(ctx, async (tx, tell, besides) => {
    await requireSession(tx, actor)
    const present = await lockUser(tx, actor.userId)
    const next = changed(present, change)
    if (isDeepStrictEqual(next, present)) return present
    if (isOtherAddress(present, change.email))
      await announceAddress(tx, caller, { present, next, confirm, ...besides })
    else if (present.pendingEmail !== next.pendingEmail) await cancelAddress(tx, caller, besides)
    const stored = { ...next, version: present.version + 1 }
    await storeUser(tx, stored)
    if (next.username !== present.username) await rename(tx, caller, { present, next, ...besides })
    tell(stored.id, 'user.updated', toSharedUser(stored))
    return stored
  })
  return toMe(row)
}

function changed(present: UserRow, { preferences, email, ...plain }: ProfileChange): UserRow {
  const next = { ...(email === undefined ? present : withAddress(present, email)), ...plain }
  if (preferences) next.preferences = changePreferences(toPreferences(present.preferences), preferences)
  return next
}

/** Only another address needs a proof: a client may send the present one with the rest of a profile. */
async function proveChange(
  ctx: UsersContext,
  caller: Caller,
  { change, proof }: { change: ProfileChange; proof: Proof },
): Promise<ConfirmProof | undefined> {
  const { userId } = caller.actor
  if (change.email === undefined) return undefined
  const { rows } = await ctx.pool.query<{ email: string | null }>('SELECT email FROM users WHERE id = $1', [
    userId,
  ])
  if (!rows[0] || !isOtherAddress(rows[0], change.email)) return undefined
  for (const limit of newAddressLimits) await ctx.limits.consume(limit, userId)
  return stepUp(ctx, caller, proof)
}

interface Renaming extends Besides {
  present: UserRow
  next: UserRow
}

/**
 * What another username brings with it. It needs no proof: signing in by address goes on, and nobody else gets the former
 * one meanwhile. No two usernames may look alike; one's own present name is no hindrance.
 */
async function rename(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { present, next, note, post }: Renaming,
): Promise<void> {
  await tx
    .query('UPDATE users SET username_looks = $2 WHERE id = $1', [next.id, usernameLooks(next.username)])
    .catch(refuseTaken)
  await refuseKept(tx, next)
  await keepFormer(tx, present)
  note({ type: 'username_changed', userId: actor.userId, sessionId: actor.sessionId, ip })
  mailNotice(post, 'username_changed', { ...present, username: next.username })
}

async function storeUser(tx: pg.PoolClient, row: UserRow): Promise<void> {
  const values = [
    row.id,
    row.username,
    row.displayName,
    row.bio,
    row.email,
    keyOf(row),
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
    .catch(refuseTaken)
}
