import {
  createBrowserNetwork,
  createIndexedDbStore,
  createLocalSessionStorage,
  type NetworkSource,
  type Store,
} from '@finnigram/client'

export const deviceNetwork: NetworkSource = createBrowserNetwork()

/** Conversations, messages and the outbox in this browser's IndexedDB. */
export const createLocalStore = (): Store => createIndexedDbStore('finnigram')

/** The session, shared by the browser's tabs. */
export const sessionStorage = createLocalSessionStorage()

const browsers: [pattern: RegExp, name: string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: [pattern: RegExp, name: string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
]
const named = (list: typeof browsers) => list.find(([pattern]) => pattern.test(navigator.userAgent))?.[1]

/** Name of this browser in the list of sessions, such as "Firefox on Linux". */
export const thisDevice = {
  name: [named(browsers) ?? 'Browser', named(systems)].filter(Boolean).join(' on '),
  platform: 'web',
}

/** Small values of this browser; blocked storage only loses preferences. */
export const deviceStorage = {
  read(key: string): string | null {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  },
  write(key: string, value: string): void {
    try {
      localStorage.setItem(key, value)
    } catch {
      // Blocked: the preference lasts as long as the page.
    }
  },
}
