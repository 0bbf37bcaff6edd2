import type { Me } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { ApiProblem } from '../api/problems.ts'
import { retrying } from '../retry.ts'
import type { Timing } from '../timing.ts'
import type { DeviceAccounts } from './account-switcher.ts'
import type { Session } from './session.ts'
import type { SessionShelf } from './session-store.ts'
import type { Tokens } from './tokens.ts'

export interface StarterOptions {
  api: Api
  tokens: Tokens
  shelf: SessionShelf
  accounts: DeviceAccounts
  session: Session
  timing: Timing
  onError: (error: unknown) => void
}

/** Brings back the session of an earlier run, also without a network, and lets go of it again. */
export interface Starter {
  start(): void
  stop(): Promise<void>
  /** Asks for my own profile, which may be another one than this device knows. */
  refreshProfile(): Promise<void>
}

export function createStarter(options: StarterOptions): Starter {
  const { api, tokens, shelf, accounts, session, timing, onError } = options
  let running: AbortController | null = null

  const profileFromServer = (signal: AbortSignal): Promise<Me | undefined> =>
    retrying(() => api.getMe().catch(undefinedIfEnded), { signal, timing })

  const restore = async (signal: AbortSignal) => {
    const stored = await shelf.read()
    if (signal.aborted) return
    if (stored === null || stored === 'ended') return session.ended({ signedOut: false })
    tokens.adopt(stored)
    const kept = await accounts.storedProfile(stored.userId)
    const me = kept ?? (await profileFromServer(signal))
    // Another tab may have signed out meanwhile.
    if (!me || signal.aborted || !tokens.isHeld) return
    await accounts.open(me)
    session.restored(me)
    if (kept) await refreshProfile()
  }
  const refreshProfile = async () => {
    const signal = running?.signal
    if (!signal) return
    const me = await profileFromServer(signal).catch(() => undefined)
    if (me && !signal.aborted && session.state.user?.id === me.id) session.profileChanged(me)
  }
  return {
    start() {
      if (running) return
      running = new AbortController()
      restore(running.signal).catch(onError)
    },
    async stop() {
      running?.abort()
      running = null
      await accounts.close({ wipe: false })
    },
    refreshProfile,
  }
}

/** The session is over, which is told elsewhere. */
function undefinedIfEnded(error: unknown): undefined {
  if (!(error instanceof ApiProblem && error.status === 401)) throw error
}
