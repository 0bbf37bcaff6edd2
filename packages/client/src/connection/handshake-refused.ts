import type { HandshakeError } from '@finnigram/contracts'

/** The realtime service let this client not in, and says why. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused'
  readonly code: HandshakeError['code']
  /** When the server has a place for this client; null where it did not say. */
  readonly retryAfterMs: number | null

  constructor({ code, retryAfterMs = null }: { code: HandshakeError['code']; retryAfterMs?: number | null }) {
    super(`The socket was refused: ${code}`)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  /** Another access token may be let in. */
  get asksForToken(): boolean {
    return this.code === 'token_expired' || this.code === 'unauthenticated'
  }
}
