import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { addressKey, createTokenBuckets } from '@finnigram/service-kit'

/** A connection of Engine.IO, as far as it is waited for. */
export interface Connection {
  on(event: 'close', listener: (this: Connection) => void): unknown
}

/** What came of a connection's handshake; `limited` is somebody known who comes too often. */
export type Outcome = 'accepted' | 'refused' | 'limited'

/** Connections whose client has yet to show a good token. They take places of their own address, so that they take nobody else's. */
export interface AddressAdmission {
  /** Takes a place of the address that asks: null; where it has none, a moment to come back at, in milliseconds. */
  admit(request: IncomingMessage): number | null
  /** Whether this address has asked for little of late. */
  isSeldom(request: IncomingMessage): boolean
  /** Gives the place back: the connection is not let in, for another reason. */
  refund(request: IncomingMessage): void
  /** The connection is there, and will be judged once: at the latest when it ends. */
  track(connection: Connection, request: IncomingMessage): void
  settle(connection: object, outcome: Outcome): void
}

export interface WithAddressAdmission {
  readonly addressAdmission: AddressAdmission
}

interface AddressAdmissionOptions {
  addressOf: (request: IncomingMessage) => string
  /** Multiplies the places of an address. */
  scale: number
  /** Places for new connections that this node has at once: one address takes a part of them. */
  atOnce: number
  /** Told of every connection that was not accepted. */
  onRefused: () => void
}

/** Places of an address at once, and that become free each second beside those that are given back. */
const places = { burst: 200, perSecond: 2, share: 0.4, least: 12 }
/**
 * Sockets with which an address counts as one that comes seldom, at once and each second: a home,
 * not an office.
 */
const few = { burst: 20, perSecond: 1 / 3 }
/** Those who are told to come back come apart from each other, in milliseconds. */
const atLeastMs = 1_000
const spreadMs = 8_000

/** Whoever gave this process a connection is told what came of it. */
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
