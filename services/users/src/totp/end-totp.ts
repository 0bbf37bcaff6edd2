import type { Caller } from '../auth/caller.ts'
import { type Proof, stepUp } from '../auth/step-up.ts'
import type { UsersContext } from '../context.ts'
import { mailNotice, type Notified } from '../mail/mail-notice.ts'
import { commitFacts } from '../transaction-with-outbox.ts'

/** Turns the second factor off and forgets its secret and recovery codes; where it is off, it stays off. Throws what `stepUp` throws. */
export async function endTotp(ctx: UsersContext, caller: Caller, proof: Proof): Promise<void> {
  const { userId, sessionId } = caller.actor
  const confirm = await stepUp(ctx, caller, proof)
  await commitFacts(ctx, async (tx, _tell, { note, post }) => {
    await confirm(tx, note)
    const { rows } = await tx.query<Notified & { wasOn: boolean }>(
      `UPDATE users u SET totp_secret = NULL, totp_enabled = false
FROM (SELECT id, totp_enabled FROM users WHERE id = $1 FOR NO KEY UPDATE) before
WHERE u.id = before.id RETURNING u.id, u.username, u.email, u.email_verified AS "emailVerified", before.totp_enabled AS "wasOn"`,
      [userId],
    )
    await tx.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId])
    if (!rows[0]?.wasOn) return
    note({ type: 'totp_disabled', userId, sessionId, ip: caller.ip })
    mailNotice(post, 'totp_disabled', rows[0])
  })
}
