import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { Socket } from 'node:net'
import type { GivenConnection } from './give-connection.ts'

/**
 * Loaded before a service (`node --import`): puts connections that the gateway gives to this process before the
 * service's HTTP server, as if they had been opened there. The server is learned from its first request, which is the
 * supervisor's question whether it lives; the gateway gives nothing before that was answered.
 */
const requestStart = 'http.server.request.start'
let server: Server | undefined

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
  server.emit('connection', socket)
  // What the gateway has read of it comes first.
  socket.unshift(Buffer.from(message.request, 'latin1'))
  socket.resume()
}

const isGiven = (message: unknown): message is GivenConnection =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'connection'

if (process.channel) {
  subscribe(requestStart, learn)
  process.on('message', take)
  process.channel.unref()
}
