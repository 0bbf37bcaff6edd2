import type { SignedIn } from '@finnigram/contracts'
import { createTopic, type Unsubscribe } from '../subscriptions.ts'

/**
 * Keeps the session between runs: SecureStore on phones (at most 2 kB), localStorage in browsers.
 */
export interface SessionStorage {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<void>
  remove(key: string): Promise<void>
  /** Called when the session may have changed in another tab, where there are tabs. */
  subscribe?(listener: () => void): Unsubscribe
}

/** A session that ends with the process. */
export function createMemorySessionStorage(): SessionStorage {
  const values = new Map<string, string>()
  const changed = createTopic()
  return {
    get: async (key) => values.get(key) ?? null,
    set: async (key, value) => {
      values.set(key, value)
      changed.publish()
    },
    remove: async (key) => {
      values.delete(key)
      changed.publish()
    },
    subscribe: changed.subscribe,
  }
}

/** What is kept of a session between runs: small enough for a phone's secure storage. */
export interface StoredSession {
  userId: string
  refreshToken: string
  accessToken: string
  /** When the access token ends, in milliseconds of this device's clock. */
  expiresAt: number
}

/** Letters, digits, dots and dashes only: what every secure storage takes as a key. */
const key = 'finnigram.session'

export function toStoredSession(signedIn: SignedIn, now = Date.now()): StoredSession {
  const { user, refreshToken, accessToken, expiresIn } = signedIn
  return { userId: user.id, refreshToken, accessToken, expiresAt: now + expiresIn * 1000 }
}

export interface SessionStore {
  /** `ended`: the server ended the session. Null: nobody signed in, or the person signed out. */
  read(): Promise<StoredSession | 'ended' | null>
  write(session: StoredSession): Promise<void>
  writeEnded(): Promise<void>
  clear(): Promise<void>
}

const ended = '"ended"'

/** The one stored session of this device. What cannot be parsed counts as none. */
export function createSessionStore(storage: SessionStorage): SessionStore {
  return {
    async read() {
      const text = await storage.get(key)
      return text === null ? null : parse(text)
    },
    writeEnded: () => storage.set(key, ended),
    write: (session) => storage.set(key, JSON.stringify(session)),
    clear: () => storage.remove(key),
  }
}

function parse(text: string): StoredSession | 'ended' | null {
  if (text === ended) return 'ended'
  try {
    const value: Partial<StoredSession> | null = JSON.parse(text)
    const { userId, refreshToken, accessToken, expiresAt } = value ?? {}
    if (!userId || !refreshToken || !accessToken || typeof expiresAt !== 'number') return null
    return { userId, refreshToken, accessToken, expiresAt }
  } catch {
    return null
  }
}

/**
 * The session in the browser's localStorage, shared by its tabs. Every call rejects where cookies
 * are blocked.
 */
export function createLocalSessionStorage(): SessionStorage {
  return {
    get: async (key) => localStorage.getItem(key),
    set: async (key, value) => localStorage.setItem(key, value),
    remove: async (key) => localStorage.removeItem(key),
    subscribe(listener) {
      const heard = ({ key }: StorageEvent) => {
        // Without a key: everything was cleared.
        if (key === null || key.startsWith('finnigram.session')) listener()
      }
      window.addEventListener('storage', heard)
      return () => window.removeEventListener('storage', heard)
    },
  }
}

/**
 * Falls back to memory wherever `storage` refuses: cookies are blocked, or it is full. Values read
 * or written before stay known, so that a refusal is not taken for a logout.
 */
export function createFallbackSessionStorage(
  storage: SessionStorage,
  onRefused: (error: unknown) => void,
): SessionStorage {
  const known = new Map<string, string | null>()
  /** Keys whose value the storage did not take. */
  const refused = new Set<string>()
  const write = async (key: string, value: string | null, work: () => Promise<void>) => {
    known.set(key, value)
    try {
      await work()
      refused.delete(key)
    } catch (error) {
      refused.add(key)
      onRefused(error)
    }
  }
  return {
    async get(key) {
      if (refused.has(key)) return known.get(key) ?? null
      try {
        const value = await storage.get(key)
        known.set(key, value)
        return value
      } catch (error) {
        onRefused(error)
        return known.get(key) ?? null
      }
    },
    set: (key, value) => write(key, value, () => storage.set(key, value)),
    remove: (key) => write(key, null, () => storage.remove(key)),
    subscribe(listener) {
      return storage.subscribe?.(listener) ?? (() => undefined)
    },
  }
}
