import { newId } from '@finnigram/contracts'
import { SignJWT } from 'jose'
import type { UsersContext } from '../context.ts'

/** How long an access token is good for. */
export const accessTokenSeconds = 15 * 60

/** An access token (JWT profile of RFC 9068) that every service verifies by itself with the published keys. */
export function signAccessToken(
  { keys, config }: Pick<UsersContext, 'keys' | 'config'>,
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
