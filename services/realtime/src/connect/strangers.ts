import { channel } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { createTokenBuckets } from '@finnigram/admission'
import { addressKey } from '@finnigram/service-kit'

/** A connection of Engine.IO, as far as it is waited for. */
export interface Connection {
  on(event: 'close', listener: (this: Connection) => void): unknown
}

/** What came of a connection's handshake; `limited` is somebody known who comes too often. */
export type Outcome = 'accepted' | 'refused' | 'limited'

/** Connections whose client has yet to show a good token. They take places of their own address, so that they take nobody else's. */
export interface Strangers {
  /** Takes a place of the address that asks: null; where it has none, a moment to come back at, in milliseconds. */
  ask(request: IncomingMessage): number | null
  /** Whether this address has asked for little of late. */
  isSeldom(request: IncomingMessage): boolean
  /** Gives the place back: the connection is not let in, for another reason. */
  excuse(request: IncomingMessage): void
  /** The connection is there, and will be judged once: at the latest when it ends. */
  await(connection: Connection, request: IncomingMessage): void
  judge(connection: object, outcome: Outcome): void
}

interface StrangersOptions {
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
const told = channel('finnigram.handshake')

export function createStrangers({ addressOf, scale, atOnce, onRefused }: StrangersOptions): Strangers {
  const buckets = createTokenBuckets({
    burst: Math.max(1, Math.min(places.burst, Math.max(places.least, atOnce * places.share)) * scale),
    perSecond: places.perSecond * scale,
  })
  const seldom = createTokenBuckets(few)
  const awaited = new WeakMap<object, { key: string; socket: object }>()
  const keyOf = (request: IncomingMessage) => addressKey(addressOf(request))
  const judge = (connection: object, outcome: Outcome) => {
    const known = awaited.get(connection)
    if (!known) return
    awaited.delete(connection)
    if (outcome === 'accepted') buckets.giveBack(known.key)
    else onRefused()
    told.publish({ socket: known.socket, outcome })
  }
  /** Shared by all connections: one function instead of one for each. */
  function onClose(this: Connection) {
    judge(this, 'refused')
  }
  return {
    ask(request) {
      const waitMs = buckets.take(keyOf(request))
      return waitMs === null ? null : waitMs + atLeastMs + Math.round(Math.random() * spreadMs)
    },
    isSeldom: (request) => seldom.take(keyOf(request)) === null,
    excuse(request) {
      buckets.giveBack(keyOf(request))
      told.publish({ socket: request.socket, outcome: 'excused' })
    },
    await(connection, request) {
      awaited.set(connection, { key: keyOf(request), socket: request.socket })
      connection.on('close', onClose)
    },
    judge,
  }
}
