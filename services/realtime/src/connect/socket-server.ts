import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { maxPacketBytes } from '@finnigram/contracts'
import { Server } from 'socket.io'
import { createPacketLimit } from '../client-events/limit-packets.ts'
import type { Admission } from './admission.ts'
import type { Connection, Strangers } from './address-admission.ts'
import { turnAway } from './reject-upgrade.ts'
import type { RealtimeServer } from '../connection.ts'
import type { Figures } from '../metrics.ts'
import type { RealtimeBase } from '../open-base.ts'

const connectTimeoutMs = 10_000

interface Door {
  admission: Admission
  strangers: Strangers
  figures: Pick<Figures, 'turnedAway'>
}

/** A connection of Engine.IO as it begins. */
type RawConnection = Connection & { request: IncomingMessage | null }

/** Socket.IO on an HTTP server: WebSocket only, nothing compressed, so that a frame is encoded once for everyone who gets it. */
export function createIo(http: HttpServer, { health, config }: RealtimeBase, door: Door): RealtimeServer {
  const { admission, strangers, figures } = door
  const io: RealtimeServer = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: maxPacketBytes,
    connectTimeout: connectTimeoutMs,
    allowRequest(request, decide) {
      if (!health.isServing) return decide('The service is starting or stopping', false)
      // Engine.IO is told nothing of who is turned away: it keeps nothing of a request that it was not yet told to take.
      const strangerMs = strangers.ask(request)
      if (strangerMs !== null) {
        figures.turnedAway.inc({ reason: 'address' })
        return turnAway(request, strangerMs)
      }
      const crowdMs = admission.ask({ isSeldom: strangers.isSeldom(request) })
      if (crowdMs === null) return decide(null, true)
      strangers.excuse(request)
      figures.turnedAway.inc({ reason: 'crowd' })
      turnAway(request, crowdMs)
    },
  })
  io.engine.on('connection', createPacketLimit(config.RATE_LIMIT_SCALE))
  io.engine.on('connection', (connection: RawConnection) => {
    if (connection.request) strangers.await(connection, connection.request)
    // Every connection would keep the request it began with, headers and all.
    connection.request = null
  })
  return io
}
