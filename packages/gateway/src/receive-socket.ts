import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { Socket } from 'node:net'
import type { Handshake, SentSocket } from './send-socket.ts'

/**
 * The receiving end of the socket hand-off, preloaded into every service (`node --import`). It puts
 * sockets that the gateway sends to this process before the service's HTTP server, as if they had
 * been accepted there. Services know nothing of it.
 *
 * The server is learned from its first request, which is the supervisor's health check. The gateway
 * sends no socket before that was answered.
 */
const requestStart = 'http.server.request.start'
let server: Server | undefined

/** Where a service publishes the outcome of a handshake, for the gateway that sent the socket. */
const handshakeChannel = 'finnigram.handshake'
const addresses = new WeakMap<object, string>()

function reportHandshake(message: unknown) {
  const { socket, outcome } = message as { socket: object; outcome: Handshake['outcome'] }
  const address = addresses.get(socket)
  if (address === undefined || !process.connected) return
  addresses.delete(socket)
  const handshake: Handshake = { kind: 'handshake', address, outcome }
  // A failure is ignored: the gateway is gone then.
  process.send?.(handshake, undefined, {}, () => {})
}

function learnServer(message: unknown) {
  server = (message as { server: Server }).server
  unsubscribe(requestStart, learnServer)
}

function receiveSocket(message: unknown, socket: unknown) {
  if (!isSentSocket(message) || !(socket instanceof Socket)) return
  if (!server) {
    socket.destroy()
    return
  }
  addresses.set(socket, message.address)
  server.emit('connection', socket)
  // The bytes that the gateway has already read come first.
  socket.unshift(Buffer.from(message.request, 'latin1'))
  socket.resume()
}

const isSentSocket = (message: unknown): message is SentSocket =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'connection'

if (process.channel) {
  subscribe(requestStart, learnServer)
  subscribe(handshakeChannel, reportHandshake)
  process.on('message', receiveSocket)
  process.channel.unref()
}
