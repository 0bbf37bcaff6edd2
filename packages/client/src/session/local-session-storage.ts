import type { SessionStorage } from './session-storage.ts'

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
        // Without a key, all was cleared.
        if (key === null || key.startsWith('finnigram.session')) listener()
      }
      window.addEventListener('storage', heard)
      return () => window.removeEventListener('storage', heard)
    },
  }
}
