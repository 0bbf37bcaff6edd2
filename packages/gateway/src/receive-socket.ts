import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { Socket } from 'node:net'
import type { GivenConnection, Handshake } from './send-socket.ts'

/**
 * Loaded before a service (`node --import`): puts connections that the gateway gives to this process before the
 * service's HTTP server, as if they had been opened there. The server is learned from its first request, which is the
 * supervisor's question whether it lives; the gateway gives nothing before that was answered.
 */
const requestStart = 'http.server.request.start'
let server: Server | undefined

/** Where a service tells what came of a connection's handshake; the gateway that gave it hears it. */
const handshake = 'finnigram.handshake'
const addresses = new WeakMap<object, string>()

function tell(message: unknown) {
  const { socket, outcome } = message as { socket: object; outcome: Handshake['outcome'] }
  const address = addresses.get(socket)
  if (address === undefined || !process.connected) return
  addresses.delete(socket)
  const told: Handshake = { kind: 'handshake', address, outcome }
  // A gateway that is gone need not hear it.
  process.send?.(told, undefined, {}, () => {})
}

function learn(message: unknown) {
  server = (message as { server: Server }).server
  unsubscribe(requestStart, learn)
}

function take(message: unknown, socket: unknown) {
  if (!isGiven(message) || !(socket instanceof Socket)) return
  if (!server) {
    socket.destroy()
    return
  }
  addresses.set(socket, message.address)
  server.emit('connection', socket)
  // What the gateway has read of it comes first.
  socket.unshift(Buffer.from(message.request, 'latin1'))
  socket.resume()
}

const isGiven = (message: unknown): message is GivenConnection =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'connection'

if (process.channel) {
  subscribe(requestStart, learn)
  subscribe(handshake, tell)
  process.on('message', take)
  process.channel.unref()
}
