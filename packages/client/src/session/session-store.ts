import type { SignedIn } from '@finnigram/contracts'
import type { SessionStorage } from './session-storage.ts'

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

export interface SessionShelf {
  /** `ended`: the server ended the session; null: there is none, because nobody signed in or because they signed out. */
  read(): Promise<StoredSession | 'ended' | null>
  write(session: StoredSession): Promise<void>
  writeEnded(): Promise<void>
  clear(): Promise<void>
}

const ended = '"ended"'

/** The one session of this device. What cannot be read counts as none. */
export function sessionShelf(storage: SessionStorage): SessionShelf {
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
