import type { RouteReply, usersApi } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'

/** The public keys (RFC 7517). A new one is published well before it signs, so that five minutes of cache are harmless. */
export function publishKeys(
  { keys }: UsersContext,
  setHeader: (name: string, value: string) => void,
): RouteReply<typeof usersApi.jwks> {
  setHeader('cache-control', 'public, max-age=300')
  return { keys: keys.published().keys.map((key) => ({ ...key })) }
}
