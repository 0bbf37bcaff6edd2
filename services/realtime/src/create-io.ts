import type { Server as HttpServer } from 'node:http'
import { maxPacketBytes } from '@finnigram/contracts'
import { Server } from 'socket.io'
import { createPacketLimit } from './answer/limit-packets.ts'
import type { RealtimeServer } from './connection.ts'
import type { RealtimeBase } from './open-base.ts'

const connectTimeoutMs = 10_000

/** Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once for everyone who gets it. */
export function createIo(http: HttpServer, { health, config }: RealtimeBase): RealtimeServer {
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
  io.engine.on('connection', createPacketLimit(config.RATE_LIMIT_SCALE))
  // Every connection would keep the request it began with, headers and all.
  io.engine.on('connection', (connection: object) => void Reflect.set(connection, 'request', null))
  return io
}
