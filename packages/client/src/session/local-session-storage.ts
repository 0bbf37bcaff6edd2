import type { SessionStorage } from './session-storage.ts'

/** The session in the browser's localStorage, shared by its tabs. */
export function createLocalSessionStorage(storage: Storage = globalThis.localStorage): SessionStorage {
  return {
    get: async (key) => storage.getItem(key),
    set: async (key, value) => storage.setItem(key, value),
    remove: async (key) => storage.removeItem(key),
  }
}
