import { createTopic, type Unsubscribe } from '../topic.ts'

/** Keeps the session between runs: SecureStore on phones (at most 2 kB), localStorage in browsers. */
export interface SessionStorage {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<void>
  remove(key: string): Promise<void>
  /** Told when the session may have changed in another tab, where there are tabs. */
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
