import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { createTokenBuckets } from '@finnigram/admission'
import { addressKey } from '@finnigram/service-kit'

/** What is used of a connection of Engine.IO. */
export interface Connection {
  on(event: 'close', listener: (this: Connection) => void): unknown
}

/** Result of a handshake; `limited` is a known person who connects too often. */
export type Outcome = 'accepted' | 'refused' | 'limited'

/**
 * Bounds connections that have not shown a valid token, by address (a /64 for IPv6). Each takes a
 * token of the bucket of its address until the handshake ends, so that clients without a session
 * use up nobody else's admission.
 */
export interface AddressAdmission {
  /** Takes a token of the address and returns null, or returns a Retry-After in milliseconds. */
  admit(request: IncomingMessage): number | null
  /** Whether this address has connected seldom of late. */
  isSeldom(request: IncomingMessage): boolean
  /** Gives the token back: the connection is refused for another reason. */
  refund(request: IncomingMessage): void
  /** Follows a connection until `settle`, or until it closes without one. */
  track(connection: Connection, request: IncomingMessage): void
  settle(connection: object, outcome: Outcome): void
}

export interface WithAddressAdmission {
  readonly addressAdmission: AddressAdmission
}

interface AddressAdmissionOptions {
  addressOf: (request: IncomingMessage) => string
  /** Multiplies the burst and rate of an address. */
  scale: number
  /** Burst of the whole node, of which one address gets a share. */
  atOnce: number
  /** Called for each connection that was not accepted. */
  onRefused: () => void
}

/** Token bucket of an address. Accepted handshakes give their token back besides. */
const places = { burst: 200, perSecond: 2, share: 0.4, least: 12 }
/**
 * Up to this burst and rate an address counts as one that connects seldom: a home, not an office.
 */
const few = { burst: 20, perSecond: 1 / 3 }
/**
 * Retry-After is at least the first, plus a random part of the second (full jitter), in
 * milliseconds.
 */
const atLeastMs = 1_000
const spreadMs = 8_000

/** Tells the gateway, which handed the socket over, the result of the handshake. */
const handshakeChannel = channel('finnigram.handshake')

export function createAddressAdmission({
  addressOf,
  scale,
  atOnce,
  onRefused,
}: AddressAdmissionOptions): AddressAdmission {
  const buckets = createTokenBuckets({
    burst: Math.max(1, Math.min(places.burst, Math.max(places.least, atOnce * places.share)) * scale),
    perSecond: places.perSecond * scale,
  })
  const seldom = createTokenBuckets(few)
  const pending = new WeakMap<object, { key: string; socket: object }>()
  const keyOf = (request: IncomingMessage) => addressKey(addressOf(request))
  const settle = (connection: object, outcome: Outcome) => {
    const known = pending.get(connection)
    if (!known) return
    pending.delete(connection)
    if (outcome === 'accepted') buckets.giveBack(known.key)
    else onRefused()
    handshakeChannel.publish({ socket: known.socket, outcome })
  }
  /** Shared by all connections: one function instead of one for each. */
  function onClose(this: Connection) {
    settle(this, 'refused')
  }
  return {
    admit(request) {
      const waitMs = buckets.take(keyOf(request))
      return waitMs === null ? null : waitMs + atLeastMs + Math.round(Math.random() * spreadMs)
    },
    isSeldom: (request) => seldom.take(keyOf(request)) === null,
    refund(request) {
      buckets.giveBack(keyOf(request))
      handshakeChannel.publish({ socket: request.socket, outcome: 'excused' })
    },
    track(connection, request) {
      pending.set(connection, { key: keyOf(request), socket: request.socket })
      connection.on('close', onClose)
    },
    settle,
  }
}
