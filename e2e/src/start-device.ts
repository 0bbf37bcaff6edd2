import {
  type Client,
  createClient,
  createMemoryStore,
  type SessionStorage,
  type Timing,
} from '@finnigram/client'
import { vi } from 'vitest'
import { password } from './person-at-browser.ts'

/**
 * A device of a new person: the SDK as the app uses it, its data in memory. Resolves once it is
 * online.
 */
export async function startDevice(
  baseUrl: string,
  username: string,
  timing: Partial<Timing> = {},
): Promise<Client> {
  const kept = new Map<string, string>()
  const sessionStorage: SessionStorage = {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
  }
  const client = createClient({ baseUrl, store: createMemoryStore(), sessionStorage, timing })
  client.start()
  await client.session.register({ username, displayName: username, password })
  await vi.waitUntil(() => client.connection.state === 'online', { timeout: 10_000 })
  return client
}
