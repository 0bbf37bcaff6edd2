import { realtimeApi, usersApi } from '@finnigram/contracts'
import { type Api, createApi, noTokens } from './api/create-api.ts'
import type { Client, PushApi, StorageApi, StorageState } from './client.ts'
import { alwaysOnline, createBrowserNetwork, type NetworkSource } from './connection/network-source.ts'
import { type Clock, platformClock } from './conversations/draft-age.ts'
import { createCrossTabLock } from './cross-tab-lock.ts'
import { createFeatureApis } from './feature-apis.ts'
import type { Store } from './replica/store.ts'
import { AccountSwitcher, createSessionRestorer, type SessionRestorer } from './session/account-switcher.ts'
import { LogoutQueue } from './session/logout-queue.ts'
import { Session } from './session/session.ts'
import {
  createFallbackSessionStorage,
  createSessionStore,
  type SessionStorage,
} from './session/session-store.ts'
import { Tokens } from './session/tokens.ts'
import { createClientTopics, createTopic, type Unsubscribe } from './subscriptions.ts'
import { type Timing, usualTiming } from './timing.ts'

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
  /** Called with errors that no caller waits for, such as a refused write. */
  onError?: (error: unknown) => void
}

/** A lost reply to a refresh is repeated by the server for 20 s: three tries fit in. */
const refreshTimeoutMs = 6_000

/**
 * One person's chat on one device: session, sync, outbox and what screens show. Nothing happens
 * before `start()`.
 */
export function createClient(options: ClientOptions): Client {
  const { baseUrl, onError = () => undefined, network = defaultNetwork(), clock = platformClock } = options
  const timing = { ...usualTiming, ...options.timing }
  const crossTabLock = createCrossTabLock()
  const { storage, sessionStorage } = openStorage(options, onError)
  const sessionStore = createSessionStore(sessionStorage)
  const open = createApi({ baseUrl, tokens: noTokens, timeoutMs: refreshTimeoutMs })
  const tokens = new Tokens({
    sessionStore,
    crossTabLock,
    refresh: (refreshToken) => open.call(usersApi.refresh, { body: { refreshToken } }),
    onEnded: (how) => session.ended(how).catch(onError),
  })
  const api = createApi({ baseUrl, tokens, timeoutMs: timing.callTimeoutMs })
  const topics = createClientTopics()
  const accounts = new AccountSwitcher(options.store, {
    baseUrl,
    api,
    tokens,
    crossTabLock,
    network,
    timing,
    clock,
    topics,
    onError,
    onProfileChanged: () => void restorer.refreshProfile(),
    onRefused: () => storage.refused('messages'),
  })
  const queue = { baseUrl, open, storage: sessionStorage, crossTabLock, network, timing, onError }
  const logouts = new LogoutQueue(queue)
  const shared = { api, tokens, sessionStore }
  const session = new Session({
    ...shared,
    logouts,
    device: options.device,
    onSignedIn: (user) => accounts.open(user),
    onSignedOut: (how) => accounts.close(how),
    onProfile: (user) => void accounts.keepProfile(user),
  })
  const restorer = createSessionRestorer({ ...shared, accounts, session, timing, onError })
  const features = createFeatureApis({ signedIn: () => accounts.current, topics, onError })
  const push = createPushApi(api)
  const lifecycle = createLifecycle({ sessionStorage, tokens, logouts, restorer, storage, onError })
  return { api, session, push, storage, ...features, ...lifecycle }
}

/** What the device refuses to store is kept in memory, and shows in `storage.state`. */
function openStorage({ store, sessionStorage }: ClientOptions, onError: (error: unknown) => void) {
  const storage = createStorageApi(store)
  const onRefused = (error: unknown) => {
    onError(error)
    storage.refused('session')
  }
  return { storage, sessionStorage: createFallbackSessionStorage(sessionStorage, onRefused) }
}

interface LifecycleOptions {
  sessionStorage: SessionStorage
  tokens: Tokens
  logouts: LogoutQueue
  restorer: SessionRestorer
  storage: ReturnType<typeof createStorageApi>
  onError: (error: unknown) => void
}

function createLifecycle(options: LifecycleOptions): Pick<Client, 'start' | 'stop'> {
  const { sessionStorage, tokens, logouts, restorer, storage, onError } = options
  // A logout in one tab is one in all of them.
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
      restorer.start()
    },
    async stop() {
      unsubscribe?.()
      unsubscribe = undefined
      logouts.stop()
      await restorer.stop()
    },
  }
}

function defaultNetwork(): NetworkSource {
  return typeof document === 'undefined' ? alwaysOnline : createBrowserNetwork()
}

/** The server waits for a push service before it answers. */
const testTimeoutMs = 30_000

const createPushApi = (api: Api): PushApi => ({
  getKey: async () => (await api.call(realtimeApi.getPushKey, {})).publicKey,
  async putDevice(deviceId, device) {
    await api.call(usersApi.putDevice, { params: { deviceId }, body: device })
  },
  async deleteDevice(deviceId) {
    await api.call(usersApi.deleteDevice, { params: { deviceId } })
  },
  test: (deviceId) => api.call(realtimeApi.testPush, { body: { deviceId }, timeoutMs: testTimeoutMs }),
})

/**
 * Whether this device stores what it should, as far as is known. It never recovers while the client
 * lives.
 */
function createStorageApi(store: Store): StorageApi & {
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
