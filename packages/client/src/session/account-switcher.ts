import type { Me } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { ApiProblem } from '../api/problems.ts'
import { createMutex } from '../mutex.ts'
import { createMemoryStore } from '../replica/memory-store.ts'
import type { Database, Store } from '../replica/store.ts'
import { retry } from '../retry.ts'
import { SignedInClient, type SignedInClientOptions, toPublicUser } from '../signed-in-client.ts'
import type { Timing } from '../timing.ts'
import type { Session } from './session.ts'
import type { SessionStore } from './session-store.ts'
import type { Tokens } from './tokens.ts'

type Shared = Omit<SignedInClientOptions, 'me' | 'database'> & {
  /** The device refused to store something. */
  onRefused: () => void
}

const profileKey = 'me'

/**
 * Opens and closes what belongs to the person who is signed in: database and `SignedInClient`. One
 * person at most is open, and changes happen one after the other.
 */
export class AccountSwitcher {
  readonly #store: Store
  readonly #shared: Shared
  readonly #mutex = createMutex()
  #current: SignedInClient | null = null
  #open: { userId: string; database: Database } | null = null

  constructor(store: Store, shared: Shared) {
    this.#store = store
    this.#shared = shared
  }

  get current(): SignedInClient | null {
    return this.#current
  }

  open(me: Me): Promise<void> {
    return this.#mutex(async () => {
      await this.#close()
      const database = await this.#databaseOf(me.id)
      await this.#keep(database, me)
      this.#current = await SignedInClient.open({ ...this.#shared, me, database })
      this.#shared.topics.publishAll()
    })
  }

  /** The own profile that an earlier run stored. */
  storedProfile(userId: string): Promise<Me | null> {
    return this.#mutex(async () => {
      const database = await this.#databaseOf(userId)
      const profile = await database.get('meta', profileKey)
      return (profile as Me | undefined) ?? null
    })
  }

  keepProfile(me: Me): Promise<void> {
    return this.#mutex(async () => {
      if (this.#open?.userId !== me.id) return
      this.#current?.people.ingest([toPublicUser(me)])
      await this.#keep(this.#open.database, me)
    })
  }

  /** `wipe` leaves nothing of that person on this device. */
  close({ wipe }: { wipe: boolean }): Promise<void> {
    return this.#mutex(async () => {
      const userId = this.#open?.userId
      await this.#close()
      if (wipe && userId) await this.#store.destroy(userId).catch(this.#shared.onError)
    })
  }

  async #close(): Promise<void> {
    const [account, open] = [this.#current, this.#open]
    this.#current = null
    this.#open = null
    await account?.close()
    await open?.database.close()
    if (account) this.#shared.topics.publishAll()
  }

  /** In a browser that refuses storage the client works in memory. */
  async #databaseOf(userId: string): Promise<Database> {
    if (this.#open?.userId === userId) return this.#open.database
    await this.#open?.database.close()
    const { onError, onRefused } = this.#shared
    const opened = await this.#store.open(userId).catch((error: unknown) => {
      onError(error)
      onRefused()
      return createMemoryStore().open(userId)
    })
    const database = withFailureReport(opened, onRefused)
    this.#open = { userId, database }
    return database
  }

  async #keep(database: Database, me: Me): Promise<void> {
    const change = { op: 'put', table: 'meta', key: profileKey, value: me } as const
    await database.write([change]).catch(this.#shared.onError)
  }
}

/** Reports each write that the database refuses: the disk is full, or the browser took it away. */
function withFailureReport(database: Database, onRefused: () => void): Database {
  let closed = false
  return {
    get: (table, key) => database.get(table, key),
    range: (table, range) => database.range(table, range),
    async write(changes) {
      try {
        await database.write(changes)
      } catch (error) {
        if (!closed) onRefused()
        throw error
      }
    },
    close() {
      closed = true
      return database.close()
    },
  }
}

interface SessionRestorerOptions {
  api: Api
  tokens: Tokens
  sessionStore: SessionStore
  accounts: AccountSwitcher
  session: Session
  timing: Timing
  onError: (error: unknown) => void
}

/** Restores the session of an earlier run, also without a network, and releases it on `stop`. */
export interface SessionRestorer {
  start(): void
  stop(): Promise<void>
  /** Fetches the own profile, which may have changed on another device. */
  refreshProfile(): Promise<void>
}

export function createSessionRestorer(options: SessionRestorerOptions): SessionRestorer {
  const { api, tokens, sessionStore, accounts, session, timing, onError } = options
  let running: AbortController | null = null

  const profileFromServer = (signal: AbortSignal): Promise<Me | undefined> =>
    retry(() => api.getMe().catch(undefinedIfEnded), { signal, timing })

  const restore = async (signal: AbortSignal) => {
    const stored = await sessionStore.read()
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

/** The session is over; `Tokens` reports that. */
function undefinedIfEnded(error: unknown): undefined {
  if (!(error instanceof ApiProblem && error.status === 401)) throw error
}
