import type { SignedIn } from '@finnigram/contracts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import type { TokenSource } from '../api/token-source.ts'
import type { Exclusive } from '../exclusive.ts'
import { type SessionShelf, type StoredSession, toStoredSession } from './stored-session.ts'

export interface TokensOptions {
  shelf: SessionShelf
  exclusive: Exclusive
  refresh: (refreshToken: string) => Promise<SignedIn>
  /** The session is over. `signedOut`: the person signed out in another tab, and wants nothing left behind. */
  onEnded: (how: { signedOut: boolean }) => void
}

export interface Tokens extends TokenSource {
  /** Takes over a session that was just begun or found. */
  adopt(session: StoredSession): void
  forget(): void
}

/** An access token is renewed this long before its end. */
const leewayMs = 60_000
/** The server repeats a lost reply to a refresh for 20 s: time enough for these tries. */
const refreshTries = 3

/** The session's tokens: one refresh at a time in this client and, where tabs share the session, in all of them. */
export function createTokens({ shelf, exclusive, refresh, onEnded }: TokensOptions): Tokens {
  let session: StoredSession | null = null
  let renewing: Promise<string | null> | null = null

  const end = (signedOut: boolean) => {
    session = null
    onEnded({ signedOut })
    return null
  }
  const renewAlone = async (mine: StoredSession): Promise<string | null> => {
    const stored = await shelf.read()
    if (session !== mine) return session?.accessToken ?? null
    if (stored === null || stored === 'ended') return end(stored === null)
    if (stored.userId !== mine.userId) return end(false)
    if (stored.refreshToken !== mine.refreshToken && isFresh(stored)) {
      session = stored
      return stored.accessToken
    }
    try {
      const next = toStoredSession(await refreshPersistently(refresh, stored.refreshToken))
      if (session !== mine) return null
      await shelf.write(next)
      session = next
      return next.accessToken
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 401)) throw error
      await shelf.writeEnded()
      return session === mine ? end(false) : null
    }
  }
  const renew = (mine: StoredSession) => {
    renewing ??= exclusive(`finnigram:refresh:${mine.userId}`, () => renewAlone(mine)).finally(() => {
      renewing = null
    })
    return renewing
  }
  return {
    async current() {
      if (!session) return null
      if (isFresh(session)) return session.accessToken
      const { accessToken, expiresAt } = session
      return renew(session).catch((error: unknown) => {
        if (expiresAt > Date.now()) return accessToken
        throw error
      })
    },
    async renew(stale) {
      if (!session) return null
      return session.accessToken === stale ? renew(session) : session.accessToken
    },
    adopt(next) {
      session = next
    },
    forget() {
      session = null
    },
  }
}

function isFresh({ expiresAt }: StoredSession): boolean {
  return expiresAt - Date.now() > leewayMs
}

async function refreshPersistently(refresh: TokensOptions['refresh'], token: string): Promise<SignedIn> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await refresh(token)
    } catch (error) {
      if (!(error instanceof NetworkProblem && error.reason === 'timeout') || tries === refreshTries)
        throw error
    }
  }
}
