import { Secret, TOTP } from 'otpauth'

const secretBytes = 20
const period = 30
/** Clocks differ, and people type slowly: the code before and the one after are taken, too. */
const window = 1

/** A new shared secret of 160 bits (RFC 4226, section 4). */
export const newTotpSecret = (): Buffer => Buffer.from(new Secret({ size: secretBytes }).bytes)

/** What the authenticator app is told: the secret to type in, and a URI for a QR code. */
export function describeTotp(secret: Uint8Array, username: string): { secret: string; uri: string } {
  const totp = totpOf(secret, username)
  return { secret: totp.secret.base32, uri: totp.toString() }
}

/** The time step of a code that is right at `now` (milliseconds), or undefined (RFC 6238). A step is to be taken once. */
export function stepOfCode(secret: Uint8Array, code: string, now: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window })
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta
}

/** What every authenticator app can do. */
const totpOf = (secret: Uint8Array, label = '') =>
  new TOTP({
    issuer: 'Finnigram',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  })
