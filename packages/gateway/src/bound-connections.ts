import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { addressKey } from '@finnigram/service-kit/edge'

export interface ConnectionBounds {
  /** Of one address. A browser opens six, a proxy a thousand. */
  perAddress: number
  /** In all; sockets that were given to a node are not among them. */
  inAll: number
  onClosed: (reason: 'many of an address' | 'many') => void
}

export interface Connections {
  /** A connection that was given away is no longer ours. */
  release(socket: Duplex): void
}

/** Closes connections that are one too many as they come. */
export function boundConnections(
  server: Server,
  { perAddress, inAll, onClosed }: ConnectionBounds,
): Connections {
  const counts = new Map<string, number>()
  const keys = new WeakMap<Duplex, string>()
  const release = (socket: Duplex) => {
    const key = keys.get(socket)
    if (key === undefined) return
    keys.delete(socket)
    const left = (counts.get(key) ?? 1) - 1
    if (left > 0) counts.set(key, left)
    else counts.delete(key)
  }
  server.maxConnections = inAll
  server.on('drop', () => onClosed('many'))
  server.prependListener('connection', (socket) => {
    const key = addressKey(socket.remoteAddress ?? '')
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    keys.set(socket, key)
    socket.once('close', () => release(socket))
    if (count <= perAddress) return
    onClosed('many of an address')
    socket.destroy()
  })
  return { release }
}
