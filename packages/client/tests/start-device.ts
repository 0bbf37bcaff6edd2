import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { NetworkSource } from '../src/connection/network-source.ts'
import {
  type Client,
  type ClientOptions,
  createClient,
  createMemorySessionStorage,
  createMemoryStore,
} from '../src/index.ts'
import { createTopic } from '../src/subscriptions.ts'

/** Signals of a device, switched by hand. */
export function switchedNetwork(): NetworkSource & {
  set(signals: { online?: boolean; foreground?: boolean }): void
} {
  let current = { online: true, foreground: true }
  const topic = createTopic()
  return {
    current: () => current,
    subscribe: topic.subscribe,
    set(signals) {
      current = { ...current, ...signals }
      topic.publish()
    },
  }
}

const password = 'correct horse battery'

/** Short waits: what takes half a minute in life takes a moment here. */
const quick = {
  retryBaseMs: 20,
  retryMaxMs: 200,
  firstTryMs: 20,
  pollMs: 100,
  markerMs: 30,
  draftMs: 30,
  ackTimeoutMs: 500,
}

export interface Device extends AsyncDisposable {
  client: Client
  network: ReturnType<typeof switchedNetwork>
  store: ClientOptions['store']
  sessionStorage: ClientOptions['sessionStorage']
  errors: unknown[]
}

/** A device with a started client. Its disk and its session can come from an earlier one. */
export function startDevice(
  baseUrl: string,
  earlier: Partial<Pick<ClientOptions, 'store' | 'sessionStorage' | 'timing' | 'clock'>> = {},
): Device {
  const {
    store = createMemoryStore(),
    sessionStorage = createMemorySessionStorage(),
    timing,
    clock,
  } = earlier
  const network = switchedNetwork()
  const errors: unknown[] = []
  const client = createClient({
    baseUrl,
    store,
    sessionStorage,
    network,
    timing: { ...quick, ...timing },
    ...(clock && { clock }),
    onError: (error) => errors.push(error),
  })
  client.start()
  return { client, network, store, sessionStorage, errors, [Symbol.asyncDispose]: () => client.stop() }
}

/** A device of a new person, signed in and up to date. */
export async function signUp(
  baseUrl: string,
  username: string,
  earlier: Parameters<typeof startDevice>[1] = {},
): Promise<Device> {
  const device = startDevice(baseUrl, earlier)
  await device.client.session.register({ username, displayName: username, password })
  await isOnline(device)
  return device
}

export async function signIn(
  baseUrl: string,
  username: string,
  earlier: Parameters<typeof startDevice>[1] = {},
): Promise<Device> {
  const device = startDevice(baseUrl, earlier)
  await device.client.session.login({ identifier: username, password })
  await isOnline(device)
  return device
}

export async function isOnline({ client }: Device): Promise<void> {
  await expect.poll(() => client.connection.state, { timeout: 10_000, interval: 5 }).toBe('online')
}

export function idOf({ client }: Device): string {
  return client.session.state.user?.id ?? ''
}

export function textsOf({ client }: Device, conversationId: string): (string | null)[] {
  return client
    .messages(conversationId)
    .snapshot()
    .items.map(({ text }) => text)
}

/** Waits until `read` answers `wanted`. */
export async function eventually<T>(read: () => T, wanted: T): Promise<void> {
  await expect.poll(read, { timeout: 10_000, interval: 5 }).toEqual(wanted)
}

/** True when `whole` has all of `part`, with the same values. */
export function contains(whole: object | undefined, part: object): boolean {
  return isDeepStrictEqual({ ...whole, ...part }, { ...whole })
}
