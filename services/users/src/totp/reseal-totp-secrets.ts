import type { UsersContext } from '../context.ts'
import { openTotpSecret, sealTotpSecret } from './totp-secret.ts'

const atOnce = 500

/** Seals with the present key what an older one sealed, so that the older one can be dropped. */
export async function resealTotpSecrets({
  pool,
  sealer,
}: Pick<UsersContext, 'pool' | 'sealer'>): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await pool.query<{ id: string; sealed: Uint8Array }>(
      `SELECT id, totp_secret AS sealed FROM users WHERE id > $1 AND totp_secret IS NOT NULL ORDER BY id LIMIT $2`,
      [after, atOnce],
    )
    for (const { id, sealed } of rows) {
      if (sealer.isCurrent(sealed)) continue
      const anew = sealTotpSecret(sealer, id, openTotpSecret(sealer, id, sealed))
      await pool.query('UPDATE users SET totp_secret = $3 WHERE id = $1 AND totp_secret = $2', [
        id,
        sealed,
        anew,
      ])
    }
    const last = rows.at(-1)
    if (rows.length < atOnce || !last) return
    after = last.id
  }
}
