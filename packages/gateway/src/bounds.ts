import type { IncomingMessage, ServerResponse } from 'node:http'
import { createTokenBuckets } from '@finnigram/admission'
import { addressKey, createKeyedSemaphore } from '@finnigram/service-kit/gateway-exports'
import type { GatewayMetrics } from './metrics.ts'

/**
 * What one address may ask of the gateway, so that a greedy client keeps nobody else waiting.
 *
 * - Requests without a token known to be good: a token bucket of the address. A token counts as
 *   good once a service has said so (`x-token-verified`), and no longer after a 401.
 * - Calls that services work on at once: a semaphore of the address, with a bounded queue.
 * - Sockets that have not shown a good token: a token bucket of the address, which gets its place
 *   back when the node reports a good handshake.
 * - Chunks of uploads: after a 429 of the service the gateway answers itself until `Retry-After`.
 *
 * An address is an IPv4 address or a /64 of IPv6. Everything is kept in this process and bounded;
 * limits of people are the services' (in Redis).
 */

/** Two hundred people behind one address who open the app together make some 2,000 requests. */
const unauthenticatedRequests = { burst: 3_000, perSecond: 200 }
/** Calls of one address that services work on at once, and that may wait for a place. */
const calls = { atOnce: 256, mostWaiting: 512 }
/** Sockets of one address without a good token: at once and each second. */
const unauthenticatedSockets = { burst: 200, perSecond: 2 }
/** Of the sockets that all nodes take up at once, the share one address may have. */
const unauthenticatedSocketsShare = 0.4
const fewestUnauthenticatedSockets = 12
/** An address that opens no more sockets than this is infrequent: a home, not an office. */
const infrequentSockets = { burst: 20, perSecond: 1 / 3 }
/** Tokens remembered as good. */
const mostTokens = 20_000

export interface Bounds {
  /** Null if a request may be served now; otherwise the milliseconds until one may. */
  checkRequest(address: string, authorization: string | undefined): number | null
  /** Records an answer, which says whether the request's token is good. */
  recordAnswer(
    address: string,
    authorization: string | undefined,
    answer: { status: number; isVerified: boolean },
  ): void
  /** Calls `begin` when a call of this address may be forwarded. False if too many wait. */
  startCall(address: string, begin: (done: () => void) => void): boolean
  /** Takes a place for a socket without a good token. Null, or a retry-after in milliseconds. */
  takeUnauthenticatedSocket(address: string): number | null
  /** Gives a place back: the socket has shown a good token, or was not admitted. */
  returnUnauthenticatedSocket(address: string): void
  /** Gives all places back: the node that had the sockets is gone. */
  resetUnauthenticatedSockets(): void
  /** Whether this address has opened few sockets of late. Asking counts as one. */
  isInfrequent(address: string): boolean
}

/** `scale` multiplies every bound; `atOnce` is how many new sockets a node takes up at once. */
export function createBounds(
  { scale, atOnce }: { scale: number; atOnce: number },
  metrics: GatewayMetrics,
): Bounds {
  const scaled = <T extends Record<string, number>>(bound: T) =>
    Object.fromEntries(Object.entries(bound).map(([name, value]) => [name, Math.max(1, value * scale)])) as T
  const requests = createTokenBuckets(scaled(unauthenticatedRequests))
  const semaphore = createKeyedSemaphore<string>(scaled(calls))
  const share = Math.max(fewestUnauthenticatedSockets, atOnce * unauthenticatedSocketsShare)
  const burst = Math.min(unauthenticatedSockets.burst, share)
  const createSocketBuckets = () => createTokenBuckets(scaled({ ...unauthenticatedSockets, burst }))
  let sockets = createSocketBuckets()
  const infrequent = createTokenBuckets(infrequentSockets)
  const tokens = createTokenMemory()
  metrics.observeCalls(semaphore.counts)
  return {
    checkRequest(address, authorization) {
      if (tokens.has(tokenIn(authorization))) return null
      const waitMs = requests.take(addressKey(address))
      if (waitMs !== null) metrics.refused.inc({ bound: 'unproven requests' })
      return waitMs
    },
    recordAnswer(address, authorization, { status, isVerified }) {
      const token = tokenIn(authorization)
      if (status === 401) tokens.delete(token)
      else if (isVerified && tokens.add(token)) requests.giveBack(addressKey(address))
    },
    startCall(address, begin) {
      const hasPlace = semaphore.enter(addressKey(address), begin)
      if (!hasPlace) metrics.refused.inc({ bound: 'calls under way' })
      return hasPlace
    },
    takeUnauthenticatedSocket(address) {
      const waitMs = sockets.take(addressKey(address))
      if (waitMs === null) return null
      metrics.refused.inc({ bound: 'sockets without a token' })
      // With jitter: many sockets of the address are refused together.
      return waitMs + 1_000 + Math.round(Math.random() * 8_000)
    },
    returnUnauthenticatedSocket: (address) => sockets.giveBack(addressKey(address)),
    resetUnauthenticatedSockets() {
      sockets = createSocketBuckets()
    },
    isInfrequent: (address) => infrequent.take(addressKey(address)) === null,
  }
}

/** The tokens that services have called good, the oldest forgotten first. */
function createTokenMemory() {
  const goodTokens = new Set<string>()
  return {
    has: (token: string | undefined) => token !== undefined && goodTokens.has(token),
    delete: (token: string | undefined) => token !== undefined && goodTokens.delete(token),
    /** Whether the token is new. */
    add(token: string | undefined) {
      if (token === undefined || goodTokens.has(token)) return false
      goodTokens.add(token)
      const [oldest] = goodTokens
      if (goodTokens.size > mostTokens && oldest !== undefined) goodTokens.delete(oldest)
      return true
    },
  }
}

/** The second half of a bearer token's signature: enough that nobody can guess it. */
const tokenIn = (authorization: string | undefined) =>
  authorization !== undefined && /^Bearer +[\w-]+\.[\w-]+\.[\w-]{43,}$/i.test(authorization)
    ? authorization.slice(-43)
    : undefined

/** People whose refused chunk is remembered. */
const mostPeople = 10_000
/** The longest `Retry-After` that is believed, in milliseconds. */
const longestMs = 10_000

/**
 * Knows whose upload chunks a service refuses for now (429), so that their bodies are not
 * forwarded.
 */
export interface UploadThrottle {
  /** Milliseconds until another chunk of this person may be sent; null if it may be now. */
  retryAfterMs(request: IncomingMessage): number | null
  /** Records how a chunk was answered. */
  record(request: IncomingMessage, response: ServerResponse): void
}

/**
 * Chunks are the only large bodies that come by the thousand. A service refuses one by its head,
 * but by then some of its body was copied through two processes, which costs a hundred times as
 * much.
 */
export function createUploadThrottle(now = () => performance.now()): UploadThrottle {
  const until = new Map<string, number>()
  return {
    retryAfterMs(request) {
      const key = chunkKey(request)
      const end = key === undefined ? undefined : until.get(key)
      if (key === undefined || end === undefined) return null
      const waitMs = end - now()
      if (waitMs > 0) return waitMs
      until.delete(key)
      return null
    },
    record(request, response) {
      const key = response.statusCode === 429 ? chunkKey(request) : undefined
      if (key === undefined) return
      const ms = Number(response.getHeader('retry-after') ?? 1) * 1_000
      until.delete(key)
      until.set(key, now() + Math.min(longestMs, Math.max(0, ms || 0)))
      const [oldest] = until.keys()
      if (until.size > mostPeople && oldest !== undefined) until.delete(oldest)
    },
  }
}

/** Whose chunk it is, by the end of the token, which nobody can guess. */
const chunkKey = ({ method, url = '', headers }: IncomingMessage): string | undefined =>
  method === 'PATCH' && url.startsWith('/v1/uploads/') ? headers.authorization?.slice(-43) : undefined
