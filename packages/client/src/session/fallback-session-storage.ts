import type { SessionStorage } from './session-storage.ts'

/**
 * `storage`, and memory in its place wherever it refuses: where cookies are blocked, where it is full. What was read or
 * written before a refusal stays known, so that a session is not taken for one that was signed out of.
 */
export function fallbackStorage(
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
