import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { newId } from '@finnigram/contracts'
import type { Database } from '../archive-fill.ts'

/** Makes access tokens by itself. */
export type IssueToken = (userId: string) => string

const lifeSeconds = 15 * 60
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Gives the users service a signing key of which the private part is known here: thousands sign in without a password
 * being hashed for each. The service takes the key up, and every other service learns of it, within seconds.
 */
export async function issueTokens(users: Database): Promise<IssueToken> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { crv, kty, x, d } = privateKey.export({ format: 'jwk' })
  // RFC 7638.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
  await users.query(
    'INSERT INTO signing_keys (kid, public_jwk, private_jwk, active_from) VALUES ($1, $2, $3, now())',
    [kid, { kid, kty, crv, x, alg: 'EdDSA', use: 'sig' }, { kty, crv, x, d }],
  )
  const header = part({ alg: 'EdDSA', typ: 'at+jwt', kid })
  return (userId) => {
    const iat = Math.floor(Date.now() / 1000)
    const life = { iat, exp: iat + lifeSeconds }
    const claims = { iss: 'finnigram', aud: 'finnigram', sub: userId, sid: newId(), jti: newId(), ...life }
    const text = `${header}.${part(claims)}`
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
  }
}
