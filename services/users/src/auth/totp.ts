import { Secret, TOTP } from 'otpauth'
import type { WithPool } from '../deps.ts'
import type { Sealer, WithSealer } from '../keys/sealer.ts'

const secretBytes = 20
const period = 30
/** Also accepts the code before and after: clocks differ, and people type slowly. */
const window = 1

/** A new shared secret of 160 bits (RFC 4226, section 4). */
export const generateTotpSecret = (): Buffer => Buffer.from(new Secret({ size: secretBytes }).bytes)

/** For the authenticator app: the secret to type in, and a URI for a QR code. */
export function describeTotp(secret: Uint8Array, username: string): { secret: string; uri: string } {
  const totp = totpOf(secret, username)
  return { secret: totp.secret.base32, uri: totp.toString() }
}

/** The time step of a code that is valid at `now` (milliseconds), or undefined (RFC 6238). */
export function matchTotpStep(secret: Uint8Array, code: string, now: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window })
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta
}

/** Whether text looks like a TOTP code, and not like a recovery code. */
export const isTotpCode = (typed: string) => /^\d{6}$/.test(typed.replace(/\s/g, ''))

/** Parameters that every authenticator app supports. */
const totpOf = (secret: Uint8Array, label = '') =>
  new TOTP({
    issuer: 'Finnigram',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  })

const purpose = (userId: string) => `totp ${userId}`

export const sealTotpSecret = (sealer: Sealer, userId: string, secret: Uint8Array) =>
  sealer.seal(purpose(userId), secret)

export const openTotpSecret = (sealer: Sealer, userId: string, sealed: Uint8Array) =>
  sealer.open(purpose(userId), sealed)

const atOnce = 500

/** Seals all secrets with the present key, so that an older key can be removed. */
export async function resealTotpSecrets({ pool, sealer }: WithPool & WithSealer): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await pool.query<{ id: string; sealed: Uint8Array }>(
      `SELECT id, totp_secret AS sealed FROM users WHERE id > $1 AND totp_secret IS NOT NULL ORDER BY id LIMIT $2`,
      [after, atOnce],
    )
    for (const { id, sealed } of rows) {
      if (sealer.isCurrent(sealed)) continue
      const resealed = sealTotpSecret(sealer, id, openTotpSecret(sealer, id, sealed))
      await pool.query('UPDATE users SET totp_secret = $3 WHERE id = $1 AND totp_secret = $2', [
        id,
        sealed,
        resealed,
      ])
    }
    const last = rows.at(-1)
    if (rows.length < atOnce || !last) return
    after = last.id
  }
}
