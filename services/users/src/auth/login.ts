import type { RouteBody, SignedIn, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { identifierOf } from './identifier-of.ts'
import { openSession } from './open-session.ts'
import { toSignedIn } from './to-signed-in.ts'

type Credentials = RouteBody<typeof usersApi.login>

/** Signs in by username or e-mail address. Throws `invalid_credentials`, after the same work for an unknown person as for a wrong password. */
export async function login(
  ctx: UsersContext,
  { ip }: { ip: string },
  { identifier, password, device }: Credentials,
): Promise<SignedIn> {
  const found = await findByIdentifier(ctx.pool, identifier)
  const { matches, outdated } = await ctx.hasher.verify(password, found?.passwordHash)
  if (!found || !matches) throw new AppError('invalid_credentials')
  const { passwordHash, ...user } = found
  const renewed = outdated ? await ctx.hasher.hash(password) : undefined
  const session = await commitFacts(ctx, async (tx, tell) => {
    if (renewed) await replaceHash(tx, user.id, { from: passwordHash, to: renewed })
    return openSession(tx, { userId: user.id, ip, device }, tell)
  })
  ctx.seen.touch({ userId: user.id, sessionId: session.sessionId })
  return toSignedIn(ctx, user, session)
}

async function findByIdentifier(
  pool: pg.Pool,
  identifier: string,
): Promise<(UserRow & { passwordHash: string }) | undefined> {
  const { column, key } = identifierOf(identifier)
  const { rows } = await pool.query<UserRow & { passwordHash: string }>({
    name: `user-by-${column}`,
    text: `SELECT ${userColumns}, u.password_hash AS "passwordHash" FROM users u WHERE u.${column} = $1 AND u.deleted_at IS NULL`,
    values: [key],
  })
  return rows[0]
}

/** Unless the password was changed meanwhile. */
async function replaceHash(
  tx: pg.PoolClient,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await tx.query('UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
    userId,
    from,
    to,
  ])
}
