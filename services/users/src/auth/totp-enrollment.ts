import type { RouteReply, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { sealTotpSecret } from '../totp/totp-secret.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './caller.ts'
import { type Proof, stepUp } from './step-up.ts'
import { describeTotp, newTotpSecret } from './totp.ts'

/** Makes a shared secret, which counts for nothing until `confirmTotp`. It needs the password: a thief could lock the owner out. Throws `conflict` where a second factor is on, and what `stepUp` throws. */
export async function startTotp(
  ctx: UsersContext,
  caller: Caller,
  proof: Proof,
): Promise<RouteReply<typeof usersApi.startTotp>> {
  const { userId } = caller.actor
  if (await hasTotp(ctx, userId)) throw isOnAlready()
  const confirm = await stepUp(ctx, caller, proof)
  const secret = newTotpSecret()
  const username = await commitFacts(ctx, async (tx, _tell, { note }) => {
    await confirm(tx, note)
    const { rows } = await tx.query<{ username: string }>(
      'UPDATE users SET totp_secret = $2, totp_last_step = NULL WHERE id = $1 AND NOT totp_enabled RETURNING username',
      [userId, sealTotpSecret(ctx.sealer, userId, secret)],
    )
    if (!rows[0]) throw isOnAlready()
    return rows[0].username
  })
  return describeTotp(secret, username)
}

const isOnAlready = () => new AppError('conflict', { detail: 'The second factor is on already' })

async function hasTotp({ pool }: UsersContext, userId: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM users WHERE id = $1 AND totp_enabled', [userId])
  return rowCount === 1
}
