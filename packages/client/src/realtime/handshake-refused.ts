import type { HandshakeError } from '@finnigram/contracts'

/** The realtime service let this client not in, and says why. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused'
  readonly code: HandshakeError['code']

  constructor(code: HandshakeError['code']) {
    super(`The socket was refused: ${code}`)
    this.code = code
  }

  /** Another access token may be let in. */
  get asksForToken(): boolean {
    return this.code === 'token_expired' || this.code === 'unauthenticated'
  }
}
