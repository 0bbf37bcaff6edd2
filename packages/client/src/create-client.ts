import { usersApi } from '@finnigram/contracts'
import { accountParts } from './account/account-parts.ts'
import { DeviceAccounts } from './account/device-accounts.ts'
import { pushPart } from './account/push-part.ts'
import { createClientTopics } from './account/topics.ts'
import { createApi } from './api/create-api.ts'
import { noTokens } from './api/token-source.ts'
import type { Client } from './client.ts'
import { type Clock, platformClock } from './drafts/draft-age.ts'
import { createExclusive } from './exclusive.ts'
import { createBrowserNetwork } from './realtime/browser-network.ts'
import { alwaysOnline, type NetworkSource } from './realtime/network-source.ts'
import { createStarter } from './session/create-starter.ts'
import { Session } from './session/session.ts'
import type { SessionStorage } from './session/session-storage.ts'
import { sessionShelf } from './session/stored-session.ts'
import { Tokens } from './session/tokens.ts'
import type { Store } from './store/store.ts'
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
  const shelf = sessionShelf(options.sessionStorage)
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
  })
  const session = new Session({
    api,
    tokens,
    shelf,
    device: options.device,
    onSignedIn: (user) => accounts.open(user),
    onSignedOut: (how) => accounts.close(how),
    onProfile: (user) => void accounts.keepProfile(user),
  })
  const starter = createStarter({ api, tokens, shelf, accounts, session, timing, onError })
  const parts = accountParts({ account: () => accounts.current, topics, onError })
  const push = pushPart(api)
  return { api, session, push, ...parts, start: () => starter.start(), stop: () => starter.stop() }
}

function defaultNetwork(): NetworkSource {
  return typeof document === 'undefined' ? alwaysOnline : createBrowserNetwork()
}
