import type { Server as HttpServer } from 'node:http'
import { maxPacketBytes } from '@finnigram/contracts'
import type { Health } from '@finnigram/service-kit'
import { Server } from 'socket.io'
import type { RealtimeServer } from './connection.ts'

const connectTimeoutMs = 10_000

/** Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once for everyone who gets it. */
export function createIo(http: HttpServer, health: Health): RealtimeServer {
  const io: RealtimeServer = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: maxPacketBytes,
    connectTimeout: connectTimeoutMs,
    allowRequest: (_request, decide) =>
      health.isServing ? decide(null, true) : decide('The service is starting or stopping', false),
  })
  // Every connection would keep the request it began with, headers and all.
  io.engine.on('connection', (connection: object) => void Reflect.set(connection, 'request', null))
  return io
}
