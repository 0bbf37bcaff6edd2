import { isDeepStrictEqual } from 'node:util'
import { type Me, type RouteBody, usernameLooks, type usersApi } from '@finnigram/contracts'
import type pg from 'pg'
import type { Caller } from '../auth/caller.ts'
import { confirmPassword } from '../auth/confirm-password.ts'
import { requireRecentSignIn } from '../auth/require-recent-sign-in.ts'
import { requireSession } from '../auth/require-session.ts'
import { type Besides, commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { newAddressLimit } from '../limits.ts'
import { mailNotice } from '../mail/mail-notice.ts'
import { mailVerification } from '../mail/mail-verification.ts'
import { voidTokens } from '../mail/mailed-token.ts'
import { searchWords } from '../search/search-words.ts'
import { emailKey } from './email-key.ts'
import { lockUser } from './lock-user.ts'
import { changePreferences, toPreferences } from './preferences.ts'
import { refuseTaken } from './refuse-taken.ts'
import { toMe } from './to-me.ts'
import { toSharedUser } from './to-shared-user.ts'
import type { UserRow } from './user-row.ts'

type Change = RouteBody<typeof usersApi.updateMe>
type ProfileChange = Omit<Change, 'password'>

/**
 * Changes the caller's profile; what is not named stays. Another e-mail address needs a recent sign-in or the password,
 * and has to be verified anew. Throws `username_taken`, `email_taken`, `reauthentication_required`, `invalid_credentials`.
 */
export async function updateMe(
  ctx: UsersContext,
  caller: Caller,
  { password, ...change }: Change,
): Promise<Me> {
  const { actor } = caller
  if (change.email !== undefined) {
    await ctx.limits.consume(newAddressLimit, actor.userId)
    await confirmPassword(ctx, caller, password)
  }
  const row = await commitFacts(ctx, async (tx, tell, besides) => {
    await requireSession(tx, actor)
    const present = await lockUser(tx, actor.userId)
    const next = changed(present, change)
    if (isDeepStrictEqual(next, present)) return present
    if (isOtherAddress(present, next)) await changeAddress(tx, caller, { present, next, ...besides })
    const stored = { ...next, version: present.version + 1 }
    await storeUser(tx, stored)
    if (next.username !== present.username) await storeLooks(tx, next)
    tell(stored.id, 'user.updated', toSharedUser(stored))
    return stored
  })
  return toMe(row)
}

function changed(present: UserRow, { preferences, email, ...plain }: ProfileChange): UserRow {
  const next = { ...present, ...plain }
  if (preferences) next.preferences = changePreferences(toPreferences(present.preferences), preferences)
  if (email !== undefined) {
    next.email = email
    next.emailVerified = present.emailVerified && !isOtherAddress(present, next)
  }
  return next
}

/** The same in other letters is no other address. */
const isOtherAddress = (present: UserRow, next: UserRow) => keyOf(present) !== keyOf(next)
const keyOf = ({ email }: UserRow) => (email === null ? null : emailKey(email))

/** The old address hears of it, the new one has to be proven, and what was mailed to the old one is void. */
async function changeAddress(
  tx: pg.PoolClient,
  { actor, ip }: Caller,
  { present, next, note, post }: Besides & { present: UserRow; next: UserRow },
): Promise<void> {
  await requireRecentSignIn(tx, actor)
  await voidTokens(tx, actor.userId)
  note({ type: 'email_changed', userId: actor.userId, sessionId: actor.sessionId, ip })
  mailNotice(post, 'email_changed', present)
  mailVerification(post, next)
}

/** No two usernames may look alike; one's own present name is no hindrance. */
async function storeLooks(tx: pg.PoolClient, { id, username }: UserRow): Promise<void> {
  await tx
    .query('UPDATE users SET username_looks = $2 WHERE id = $1', [id, usernameLooks(username)])
    .catch(refuseTaken)
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
