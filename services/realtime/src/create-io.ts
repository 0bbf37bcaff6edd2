import type { Server as HttpServer } from 'node:http'
import { maxPacketBytes } from '@finnigram/contracts'
import { Server } from 'socket.io'
import { createPacketLimit } from './answer/limit-packets.ts'
import type { Admission } from './connect/admission.ts'
import { turnAway } from './connect/turn-away.ts'
import type { RealtimeServer } from './connection.ts'
import type { Figures } from './figures.ts'
import type { RealtimeBase } from './open-base.ts'

const connectTimeoutMs = 10_000

interface Door {
  admission: Admission
  figures: Pick<Figures, 'turnedAway'>
}

/** Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once for everyone who gets it. */
export function createIo(http: HttpServer, { health, config }: RealtimeBase, door: Door): RealtimeServer {
  const io: RealtimeServer = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: maxPacketBytes,
    connectTimeout: connectTimeoutMs,
    allowRequest(request, decide) {
      if (!health.isServing) return decide('The service is starting or stopping', false)
      const retryAfterMs = door.admission.ask()
      if (retryAfterMs === null) return decide(null, true)
      // Engine.IO is told nothing: it keeps nothing of a request that it was not yet told to take.
      door.figures.turnedAway.inc()
      turnAway(request, retryAfterMs)
    },
  })
  io.engine.on('connection', createPacketLimit(config.RATE_LIMIT_SCALE))
  // Every connection would keep the request it began with, headers and all.
  io.engine.on('connection', (connection: object) => void Reflect.set(connection, 'request', null))
  return io
}
