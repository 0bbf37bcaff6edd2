import { createTokenBuckets } from '@finnigram/admission'
import { addressKey, createTurns } from '@finnigram/service-kit/edge'
import type { GatewayFigures } from './create-figures.ts'

/**
 * Requests of one address that show no token known to be good: at once, and each second. Two hundred people behind one
 * address who open the app at the same time ask for some two thousand things.
 */
const unproven = { burst: 3_000, perSecond: 200 }
/** Calls of one address that services work on at once, and that may wait for their turn. */
const calls = { atOnce: 256, mostWaiting: 512 }
/** Sockets of one address that have not shown a good token: at once, each second, and of the places that all have at once. */
const strangers = { burst: 200, perSecond: 2 }
const strangersShare = 0.4
/**
 * Sockets with which an address counts as one that comes seldom, at once and each second: a home,
 * not an office.
 */
const few = { burst: 20, perSecond: 1 / 3 }
const fewestStrangers = 12
/** Tokens remembered as good. */
const mostTokens = 20_000

/** What one address may ask of the gateway, so that it keeps nobody else waiting. `scale` multiplies every bound. */
export interface Bounds {
  /** Whether a request may be served now: null; otherwise the milliseconds until one may. */
  ask(address: string, authorization: string | undefined): number | null
  /**
   * Notes how a request was answered: its token is good where the service says so, and not any more
   * after a 401.
   */
  answered(
    address: string,
    authorization: string | undefined,
    answer: { status: number; isVerified: boolean },
  ): void
  /** Calls `begin` when a call of this address may be passed on. False where too many wait. */
  call(address: string, begin: (done: () => void) => void): boolean
  /** Takes a place for a socket that has yet to show its token: null; otherwise a moment to come back at, in milliseconds. */
  knock(address: string): number | null
  /** Whether this address has asked for few sockets of late. */
  isSeldom(address: string): boolean
  /** The socket has shown a good token, or never got to. */
  excuse(address: string): void
  /** Forgets all sockets that have yet to show their token: their node is gone. */
  excuseAll(): void
}

export function createBounds(
  { scale, atOnce }: { scale: number; atOnce: number },
  figures: GatewayFigures,
): Bounds {
  const scaled = <T extends Record<string, number>>(bound: T) =>
    Object.fromEntries(Object.entries(bound).map(([name, value]) => [name, Math.max(1, value * scale)])) as T
  const requests = createTokenBuckets(scaled(unproven))
  const turns = createTurns<string>(scaled(calls))
  const goodTokens = new Set<string>()
  const burst = Math.min(strangers.burst, Math.max(fewestStrangers, atOnce * strangersShare))
  const openSockets = () => createTokenBuckets(scaled({ ...strangers, burst }))
  let sockets = openSockets()
  const seldom = createTokenBuckets(few)
  figures.watchTurns(turns.counts)

  const remember = (token: string) => {
    goodTokens.add(token)
    const [oldest] = goodTokens
    if (goodTokens.size > mostTokens && oldest !== undefined) goodTokens.delete(oldest)
  }
  return {
    ask(address, authorization) {
      const token = tokenIn(authorization)
      if (token !== undefined && goodTokens.has(token)) return null
      const waitMs = requests.take(addressKey(address))
      if (waitMs !== null) figures.refused.inc({ bound: 'unproven requests' })
      return waitMs
    },
    answered(address, authorization, { status, isVerified }) {
      const token = tokenIn(authorization)
      if (token === undefined) return
      if (status === 401) goodTokens.delete(token)
      else if (isVerified && !goodTokens.has(token)) {
        remember(token)
        requests.giveBack(addressKey(address))
      }
    },
    call(address, begin) {
      const hasTurn = turns.enter(addressKey(address), begin)
      if (!hasTurn) figures.refused.inc({ bound: 'calls under way' })
      return hasTurn
    },
    knock(address) {
      const waitMs = sockets.take(addressKey(address))
      if (waitMs === null) return null
      figures.refused.inc({ bound: 'sockets without a token' })
      // Apart from each other, for it is many who hear this.
      return waitMs + 1_000 + Math.round(Math.random() * 8_000)
    },
    isSeldom: (address) => seldom.take(addressKey(address)) === null,
    excuse: (address) => sockets.giveBack(addressKey(address)),
    excuseAll() {
      sockets = openSockets()
    },
  }
}

/** What nobody can guess of a bearer token: the second half of its signature. */
const tokenIn = (authorization: string | undefined) =>
  authorization !== undefined && /^Bearer +[\w-]+\.[\w-]+\.[\w-]{43,}$/i.test(authorization)
    ? authorization.slice(-43)
    : undefined
