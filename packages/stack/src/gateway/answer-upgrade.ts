import type { IncomingMessage } from 'node:http'
import { createDoor, type Door } from '@finnigram/admission'
import { connectionsAtOnce, connectionsPerSecond, longestComebackMs } from '@finnigram/contracts'
import { clientAddress } from './client-address.ts'
import { giveConnection, type Upgrade } from './give-connection.ts'
import { requestIdOf } from './request-id.ts'
import { routeRequest } from './route-request.ts'
import type { GatewayOptions, State } from './start-gateway.ts'
import { turnAway } from './turn-away.ts'

/** Every other upgrade is ignored, and its request answered as HTTP/1.1 (RFC 9110, 7.8). */
export const isSocketUpgrade = ({ method, url = '/', headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  /^\/socket\.io[/?]/.test(url) &&
  routeRequest(url) === 'realtime'

/**
 * Gives a new socket to a node, where there is a place for it. Its address is looked at first: sockets that have yet to
 * show a good token take a place of their own address and one of everyone's, and are given back the one they deserve.
 */
export function answerUpgrade(state: State, upgrade: Upgrade): void {
  const { socket } = upgrade
  socket.on('error', () => socket.destroy())
  const retryAfterMs = letIn(state, upgrade)
  if (retryAfterMs === null) state.connections.release(socket)
  else turnAway(upgrade, retryAfterMs)
}

/** Null where a node has got it, otherwise a moment to come back at, in milliseconds. */
function letIn(state: State, upgrade: Upgrade): number | null {
  const { backend, bounds, door, figures, options } = state
  const { trustProxy } = options
  if (!backend) return door.refuse()
  const address = clientAddress(upgrade.request, trustProxy)
  const strangerMs = bounds.knock(address)
  if (strangerMs !== null) return strangerMs
  const crowdMs = door.ask({ isSeldom: bounds.isSeldom(address) })
  if (crowdMs !== null) {
    figures.refused.inc({ bound: 'new sockets' })
    bounds.excuse(address)
    return crowdMs
  }
  const isGiven = giveConnection(upgrade, backend.realtime, {
    requestId: requestIdOf(upgrade.request),
    trustProxy,
    address,
    onLost() {
      door.pace()
      bounds.excuseAll()
    },
    onHandshake(from, outcome) {
      figures.handshakes.inc({ outcome })
      // Who has no token, or comes too often, took nobody's place, and pays with one of their address.
      if (outcome === 'refused' || outcome === 'limited') door.giveBack()
      else bounds.excuse(from)
    },
  })
  if (isGiven) return null
  figures.refused.inc({ bound: 'sockets for which no node has room' })
  bounds.excuse(address)
  return door.refuse()
}

/** A node that has just died is back after about this time, in milliseconds. */
const comebackMs = 3_500

/** Places for new sockets of all nodes together. */
export function openDoor(
  {
    connectionsPerSecond: perSecond = connectionsPerSecond,
    connectionsAtOnce: atOnce = connectionsAtOnce,
  }: GatewayOptions,
  nodes: number,
): Door {
  const moments = { soonestMs: comebackMs, longestMs: longestComebackMs }
  return createDoor({ perSecond: perSecond * nodes, atOnce: atOnce * nodes, ...moments })
}
