import type { SignedIn } from '@finnigram/contracts'
import type { TokenSource } from '../api/create-api.ts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import type { CrossTabLock } from '../cross-tab-lock.ts'
import { type SessionStore, type StoredSession, toStoredSession } from './session-store.ts'

export interface TokensOptions {
  sessionStore: SessionStore
  crossTabLock: CrossTabLock
  refresh: (refreshToken: string) => Promise<SignedIn>
  /** The session is over. `signedOut`: by the person, in another tab; their data is wiped. */
  onEnded: (how: { signedOut: boolean }) => void
}

/** An access token is renewed this long before its end. */
const leewayMs = 60_000
/** The server repeats a lost reply to a refresh for 20 s: time enough for these tries. */
const refreshTries = 3

/**
 * The session's tokens. One refresh at a time, in this client and across tabs that share the
 * session: a refresh token that is used twice ends the session.
 */
export class Tokens implements TokenSource {
  readonly #options: TokensOptions
  #session: StoredSession | null = null
  #renewing: Promise<string | null> | null = null

  constructor(options: TokensOptions) {
    this.#options = options
  }

  /** Uses a session that has just begun or was restored. */
  adopt(session: StoredSession): void {
    this.#session = session
  }

  forget(): void {
    this.#session = null
  }

  /** Whether somebody is signed in, as far as this tab knows. */
  get isHeld(): boolean {
    return this.#session !== null
  }

  /** The session as any tab left it last; null when nobody is signed in here. */
  async latest(): Promise<StoredSession | null> {
    const stored = await this.#options.sessionStore.read()
    const mine = this.#session
    return mine && isOf(mine, stored) ? stored : mine
  }

  /** Another tab may have ended the session, or begun one of another person. */
  async recheck(): Promise<void> {
    const mine = this.#session
    if (!mine) return
    const stored = await this.#options.sessionStore.read()
    if (this.#session === mine && !isOf(mine, stored)) this.#end(stored === null)
  }

  async current(): Promise<string | null> {
    const session = this.#session
    if (!session || isFresh(session)) return session?.accessToken ?? null
    return this.#renewOnce(session).catch((error: unknown) => {
      if (session.expiresAt <= Date.now()) throw error
      return session.accessToken
    })
  }

  async renew(stale: string): Promise<string | null> {
    const session = this.#session
    if (session?.accessToken !== stale) return session?.accessToken ?? null
    return this.#renewOnce(session)
  }

  #renewOnce(mine: StoredSession): Promise<string | null> {
    this.#renewing ??= this.#options
      .crossTabLock(`finnigram:refresh:${mine.userId}`, () => this.#renewAlone(mine))
      .finally(() => {
        this.#renewing = null
      })
    return this.#renewing
  }

  /** Another tab may have renewed the session since, or ended it. */
  async #renewAlone(mine: StoredSession): Promise<string | null> {
    const stored = await this.#options.sessionStore.read()
    if (this.#session !== mine) return this.#session?.accessToken ?? null
    if (!isOf(mine, stored)) return this.#end(stored === null)
    if (stored.refreshToken === mine.refreshToken || !isFresh(stored)) return this.#refresh(mine, stored)
    this.#session = stored
    return stored.accessToken
  }

  async #refresh(mine: StoredSession, { refreshToken }: StoredSession): Promise<string | null> {
    const { sessionStore } = this.#options
    try {
      const next = toStoredSession(await this.#refreshPersistently(refreshToken))
      // A session that was wiped meanwhile, perhaps by another tab, is not written again.
      const stored = await sessionStore.read()
      if (this.#session !== mine) return null
      if (!isOf(mine, stored)) return this.#end(stored === null)
      await sessionStore.write(next)
      this.#session = next
      return next.accessToken
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 401)) throw error
      await sessionStore.writeEnded()
      return this.#session === mine ? this.#end(false) : null
    }
  }

  async #refreshPersistently(refreshToken: string): Promise<SignedIn> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#options.refresh(refreshToken)
      } catch (error) {
        const isTimeout = error instanceof NetworkProblem && error.reason === 'timeout'
        if (!isTimeout || tries === refreshTries) throw error
      }
    }
  }

  #end(signedOut: boolean): null {
    this.#session = null
    this.#options.onEnded({ signedOut })
    return null
  }
}

/** Whether what is stored is a session of the same person. */
function isOf(mine: StoredSession, stored: StoredSession | 'ended' | null): stored is StoredSession {
  return stored !== null && stored !== 'ended' && stored.userId === mine.userId
}

function isFresh({ expiresAt }: StoredSession): boolean {
  return expiresAt - Date.now() > leewayMs
}
