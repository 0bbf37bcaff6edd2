/** Where calls get their access token. */
export interface TokenSource {
  /** A token good for the next moments, renewed first when it is about to end; null when nobody is signed in. */
  current(): Promise<string | null>
  /** Another token than `stale`, which the server refused; null when the session is over. Throws when the server cannot be asked. */
  renew(stale: string): Promise<string | null>
}

/** One token that is never renewed, for load generators and scripts. */
export function fixedToken(token: string): TokenSource {
  return { current: async () => token, renew: async () => null }
}

/** For calls that need no sign-in. */
export const noTokens: TokenSource = { current: async () => null, renew: async () => null }
