import { newId } from '@finnigram/contracts'
import { SignJWT } from 'jose'
import type { WithConfig } from '../deps.ts'
import type { WithKeys } from './key-ring.ts'
import { accessTokenSeconds } from './signing-keys.ts'

export type AccessTokenDeps = WithKeys & WithConfig<'JWT_ISSUER' | 'JWT_AUDIENCE'>

/**
 * Signs an access token (RFC 9068), which every service verifies by itself with the published
 * keys.
 */
export function signAccessToken(
  { keys, config }: AccessTokenDeps,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<string> {
  const { kid, privateKey } = keys.signing()
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
    .setIssuer(config.JWT_ISSUER)
    .setAudience(config.JWT_AUDIENCE)
    .setSubject(userId)
    .setJti(newId())
    .setIssuedAt(now)
    .setExpirationTime(now + accessTokenSeconds)
    .sign(privateKey)
}
