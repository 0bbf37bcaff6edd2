import { realtimeApi, usersApi } from '@finnigram/contracts'
import { type Api, createApi, noTokens } from './api/create-api.ts'
import type { Client, PushPart, StoragePart, StorageState } from './client.ts'
import { alwaysOnline, createBrowserNetwork, type NetworkSource } from './connection/network-source.ts'
import { type Clock, platformClock } from './conversations/draft-age.ts'
import { createExclusive } from './cross-tab-lock.ts'
import { accountParts } from './feature-apis.ts'
import type { Store } from './replica/store.ts'
import { createStarter, DeviceAccounts, type Starter } from './session/account-switcher.ts'
import { LogoutQueue } from './session/logout-queue.ts'
import { Session } from './session/session.ts'
import { fallbackStorage, type SessionStorage, sessionShelf } from './session/session-store.ts'
import { Tokens } from './session/tokens.ts'
import { type Timing, usualTiming } from './timing.ts'
import { createClientTopics, createTopic, type Unsubscribe } from './topics.ts'

export interface ClientOptions {
  /** Origin of the server, such as `https://chat.example`; empty for the page's own. */
  baseUrl: string
  store: Store
  sessionStorage: SessionStorage
  /** How this device is named in the list of sessions. */
  device?: { name: string; platform: string }
  /** Signals of the device; those of the browser, when there is one, if not given. */
  network?: NetworkSource
  timing?: Partial<Timing>
  /** The clocks of the device, if not the platform's own. */
  clock?: Clock
  /** Told of what went wrong without anyone waiting for it, such as a disk that refuses. */
  onError?: (error: unknown) => void
}

/** A lost reply to a refresh is repeated by the server for 20 s: three tries fit in. */
const refreshTimeoutMs = 6_000

/** One person's chat on one device: session, sync, outbox and what screens show. Nothing happens before `start()`. */
export function createClient(options: ClientOptions): Client {
  const { baseUrl, onError = () => undefined, network = defaultNetwork(), clock = platformClock } = options
  const timing = { ...usualTiming, ...options.timing }
  const exclusive = createExclusive()
  const storage = createStoragePart(options.store)
  const sessionStorage = fallbackStorage(options.sessionStorage, (error) => {
    onError(error)
    storage.refused('session')
  })
  const shelf = sessionShelf(sessionStorage)
  const open = createApi({ baseUrl, tokens: noTokens, timeoutMs: refreshTimeoutMs })
  const tokens = new Tokens({
    shelf,
    exclusive,
    refresh: (refreshToken) => open.call(usersApi.refresh, { body: { refreshToken } }),
    onEnded: (how) => session.ended(how).catch(onError),
  })
  const api = createApi({ baseUrl, tokens, timeoutMs: timing.callTimeoutMs })
  const topics = createClientTopics()
  const accounts = new DeviceAccounts(options.store, {
    baseUrl,
    api,
    tokens,
    exclusive,
    network,
    timing,
    clock,
    topics,
    onError,
    onProfileChanged: () => void starter.refreshProfile(),
    onRefused: () => storage.refused('messages'),
  })
  const queue = { baseUrl, open, storage: sessionStorage, exclusive, network, timing, onError }
  const logouts = new LogoutQueue(queue)
  const session = new Session({
    api,
    tokens,
    shelf,
    logouts,
    device: options.device,
    onSignedIn: (user) => accounts.open(user),
    onSignedOut: (how) => accounts.close(how),
    onProfile: (user) => void accounts.keepProfile(user),
  })
  const starter = createStarter({ api, tokens, shelf, accounts, session, timing, onError })
  const parts = accountParts({ account: () => accounts.current, topics, onError })
  const push = pushPart(api)
  const life = clientLife({ sessionStorage, tokens, logouts, starter, storage, onError })
  return { api, session, push, storage, ...parts, ...life }
}

interface Living {
  sessionStorage: SessionStorage
  tokens: Tokens
  logouts: LogoutQueue
  starter: Starter
  storage: ReturnType<typeof createStoragePart>
  onError: (error: unknown) => void
}

function clientLife(living: Living): Pick<Client, 'start' | 'stop'> {
  const { sessionStorage, tokens, logouts, starter, storage, onError } = living
  // Who signs out in one tab is signed out in all of them at once.
  const sessionChanged = () => {
    tokens.recheck().catch(onError)
    logouts.wake()
  }
  let unsubscribe: Unsubscribe | undefined
  return {
    start() {
      unsubscribe ??= sessionStorage.subscribe?.(sessionChanged)
      storage.probe().catch(onError)
      logouts.start()
      starter.start()
    },
    async stop() {
      unsubscribe?.()
      unsubscribe = undefined
      logouts.stop()
      await starter.stop()
    },
  }
}

function defaultNetwork(): NetworkSource {
  return typeof document === 'undefined' ? alwaysOnline : createBrowserNetwork()
}

/** The server waits for a push service before it answers. */
const testTimeoutMs = 30_000

const pushPart = (api: Api): PushPart => ({
  getKey: async () => (await api.call(realtimeApi.getPushKey, {})).publicKey,
  async putDevice(deviceId, device) {
    await api.call(usersApi.putDevice, { params: { deviceId }, body: device })
  },
  async deleteDevice(deviceId) {
    await api.call(usersApi.deleteDevice, { params: { deviceId } })
  },
  test: (deviceId) => api.call(realtimeApi.testPush, { body: { deviceId }, timeoutMs: testTimeoutMs }),
})

/** What this device keeps, as far as it has shown; it never gets better while the client lives. */
function createStoragePart(store: Store): StoragePart & {
  refused(what: keyof StorageState): void
  /** Asks the store before anybody has signed in. */
  probe(): Promise<void>
} {
  const topic = createTopic()
  let state: StorageState = { session: true, messages: true }
  const refused = (what: keyof StorageState) => {
    if (!state[what]) return
    state = { ...state, [what]: false }
    topic.publish()
  }
  return {
    get state() {
      return state
    },
    subscribe: topic.subscribe,
    refused,
    async probe() {
      if ((await store.isDurable?.()) === false) refused('messages')
    },
  }
}
