import { usersApi } from '@finnigram/contracts'
import { type Api, createApi, fixedToken } from '../api/create-api.ts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { NetworkSource } from '../connection/network-source.ts'
import type { CrossTabLock } from '../cross-tab-lock.ts'
import { createInterruptibleSleep, type InterruptibleSleep } from '../interruptible-sleep.ts'
import type { Timing } from '../timing.ts'
import type { SessionStorage, StoredSession } from './session-store.ts'

export interface LogoutQueueOptions {
  baseUrl: string
  /** For calls that need no sign-in. */
  open: Api
  storage: SessionStorage
  crossTabLock: CrossTabLock
  network: NetworkSource
  timing: Pick<Timing, 'retryBaseMs' | 'retryMaxMs'>
  onError: (error: unknown) => void
}

interface Entry {
  refreshToken: string
  /** When the person signed out, in milliseconds of this device's clock. */
  at: number
}

const mostLogouts = 8
/** The server ends an unused session after as long. */
const longestLogoutMs = 30 * 24 * 60 * 60 * 1000
/** Signing out does not wait longer for a server that does not answer. */
const logoutTimeoutMs = 5_000

/**
 * Ends sessions at the server, also those of a logout without a network.
 *
 * Promise: a session that the person left ends, within 30 days at most. Logging out never waits
 * longer than 5 s.
 *
 * Procedure: the server is asked at once. Until it has answered, the refresh token is kept, each in
 * a slot of its own, so that adding one needs no lock. One tab at a time works through them: a
 * token is exchanged for an access token, which ends the session.
 *
 * Doing that twice is safe: a refresh token that is used again ends its session, too.
 */
export class LogoutQueue {
  readonly #options: LogoutQueueOptions
  #life: { ending: AbortController; wait: InterruptibleSleep; unsubscribe: () => void } | null = null
  #running = false
  /** Woken during a run, perhaps after its last look at the slots. */
  #again = false

  constructor(options: LogoutQueueOptions) {
    this.#options = options
  }

  /** Continues with what an earlier run left. */
  start(): void {
    if (this.#life) return
    const ending = new AbortController()
    const wait = createInterruptibleSleep(ending.signal)
    this.#life = { ending, wait, unsubscribe: this.#options.network.subscribe(() => wait.wake()) }
    this.wake()
  }

  stop(): void {
    this.#life?.unsubscribe()
    this.#life?.ending.abort()
    this.#life = null
  }

  /** There may be something to do. */
  wake(): void {
    this.#again = true
    if (!this.#life || this.#running) return
    this.#running = true
    this.#again = false
    this.#work(this.#life.ending.signal, this.#life.wait)
      .catch(this.#options.onError)
      .finally(() => {
        this.#running = false
        if (this.#again) this.wake()
      })
  }

  /**
   * Keeps `session` until it is ended. `asked` settles when the first request was answered or
   * failed.
   */
  async add(session: StoredSession): Promise<{ asked: Promise<void> }> {
    // First of all, and with `keepalive`: the page may be closed at once.
    const request = this.#endBy(session.accessToken, { keepalive: true })
    request.catch(() => undefined)
    const entry: Entry = { refreshToken: session.refreshToken, at: Date.now() }
    const slot = await this.#keep(entry)
    const asked = request.then(
      () => this.#drop(slot, entry),
      () => this.wake(),
    )
    return { asked }
  }

  async #work(signal: AbortSignal, wait: InterruptibleSleep): Promise<void> {
    const { crossTabLock, network, timing } = this.#options
    const range = { baseMs: timing.retryBaseMs, maxMs: timing.retryMaxMs }
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (!network.current().online) {
        await wait.atMost(timing.retryMaxMs)
        if (!network.current().online) continue
      }
      const askedToWaitMs = await crossTabLock('finnigram:logouts', () => this.#endAll(signal))
      if (askedToWaitMs === null) return
      await wait.atMost(Math.max(askedToWaitMs, backoffMs(attempt, range)))
    }
  }

  /** Null when nothing is left; otherwise how long the server asks to wait, in milliseconds. */
  async #endAll(signal: AbortSignal): Promise<number | null> {
    let left: number | null = null
    for (const [slot, entry] of await this.#entries()) {
      if (signal.aborted) return 0
      try {
        if (Date.now() - entry.at < longestLogoutMs) await this.#end(entry)
        await this.#drop(slot, entry)
      } catch (error) {
        left = Math.max(left ?? 0, (error instanceof ApiProblem && error.retryAfterMs) || 0)
      }
    }
    return left
  }

  async #end({ refreshToken }: Entry): Promise<void> {
    const { open } = this.#options
    try {
      const { accessToken } = await open.call(usersApi.refresh, { body: { refreshToken } })
      // Not the server: a captive portal, for example, answers everything with a page of its own.
      if (typeof accessToken !== 'string') throw new NetworkProblem('unreachable')
      await this.#endBy(accessToken)
    } catch (error) {
      if (!isDead(error)) throw error
    }
  }

  #endBy(accessToken: string, how: { keepalive?: boolean } = {}): Promise<unknown> {
    const api = createApi({ baseUrl: this.#options.baseUrl, tokens: fixedToken(accessToken) })
    return api.call(usersApi.logout, { timeoutMs: logoutTimeoutMs, ...how })
  }

  /** In a free slot, else in that of the oldest, whose session expires by itself. */
  async #keep(entry: Entry): Promise<string> {
    const taken = await this.#entries()
    const free = slots.find((slot) => !taken.has(slot))
    const [oldest = 'finnigram.logout.0'] = [...taken.entries()].sort(([, a], [, b]) => a.at - b.at)[0] ?? []
    const slot = free ?? oldest
    await this.#options.storage.set(slot, JSON.stringify(entry))
    return slot
  }

  async #drop(slot: string, { refreshToken }: Entry): Promise<void> {
    const { storage } = this.#options
    if (parse(await storage.get(slot))?.refreshToken === refreshToken) await storage.remove(slot)
  }

  async #entries(): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>()
    for (const slot of slots) {
      const entry = parse(await this.#options.storage.get(slot))
      if (entry) found.set(slot, entry)
    }
    return found
  }
}

/** Letters, digits, dots and dashes only: what every secure storage takes as a key. */
const slots = Array.from({ length: mostLogouts }, (_, index) => `finnigram.logout.${index}`)

/** The session is over already, or the token never was one. */
function isDead(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 401 || error.status === 400)
}

function parse(text: string | null): Entry | null {
  try {
    const value: Partial<Entry> | null = JSON.parse(text ?? 'null')
    const { refreshToken, at } = value ?? {}
    return typeof refreshToken === 'string' && typeof at === 'number' ? { refreshToken, at } : null
  } catch {
    return null
  }
}
