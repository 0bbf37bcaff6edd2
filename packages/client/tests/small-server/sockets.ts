import type { Server as HttpServer } from 'node:http'
import {
  type ClientEvent,
  type ClientEventData,
  type ConversationEvent,
  type ServerToClient,
  toProblem,
} from '@finnigram/contracts'
import { Server, type Socket } from 'socket.io'
import type { ServerState } from './server-state.ts'
import type { Sessions } from './sessions.ts'

type Acknowledge = (reply: unknown) => void
type FromClient = { [E in ClientEvent]: (data: ClientEventData[E], acknowledge: Acknowledge) => void }
type TestSocket = Socket<FromClient, ServerToClient, Record<string, never>, { userId: string }>

export interface Sockets {
  io: Server<FromClient, ServerToClient, Record<string, never>, { userId: string }>
  /** Refuses handshakes while set. */
  refuse: boolean
  /** What refused ones are told, in milliseconds. */
  retryAfterMs: number | undefined
  /** How long tokens are said to last, in milliseconds. */
  tokenEndsInMs: number | undefined
  /** Over what time those who lose the server are said to come back, in milliseconds. */
  comebackWithinMs: number | undefined
  /** Fresh tokens that devices told. */
  authorised: string[]
  /** Drops frames of events while set. */
  silent: boolean
  /** Sends take effect and are not answered while set. */
  mute: boolean
  /** Sends are refused for now while set. */
  busy: boolean
  handshakes: number
  attach(http: HttpServer): void
  detach(): Promise<void>
  /** Ends every socket without a word. */
  dropAll(): void
}

export function openSockets(serverState: ServerState, sessions: Sessions): Sockets {
  const sockets: Sockets = {
    io: new Server(),
    refuse: false,
    retryAfterMs: undefined,
    tokenEndsInMs: undefined,
    comebackWithinMs: undefined,
    authorised: [],
    silent: false,
    mute: false,
    busy: false,
    handshakes: 0,
    attach(http) {
      sockets.io = new Server(http, { transports: ['websocket'], serveClient: false })
      sockets.io.use((socket, next) => {
        sockets.handshakes += 1
        const token = String(socket.handshake.auth['token'])
        const userId = sessions.access.get(token)
        const code = sockets.refuse
          ? 'unavailable'
          : sessions.expired.has(token)
            ? 'token_expired'
            : 'unauthenticated'
        if (sockets.refuse && sockets.retryAfterMs !== undefined) return next()
        if (sockets.refuse || !userId || sessions.expired.has(token)) {
          return next(Object.assign(new Error(code), { data: { code } }))
        }
        socket.data.userId = userId
        next()
      })
      sockets.io.on('connection', (socket) => {
        const { retryAfterMs } = sockets
        if (!sockets.refuse || retryAfterMs === undefined) return accept(sockets, serverState, socket)
        socket.emit('goodbye', { retryAfterMs })
        socket.conn.close()
      })
    },
    async detach() {
      await sockets.io.close()
    },
    dropAll() {
      sockets.io.disconnectSockets(true)
    },
  }
  serverState.onAccount = (userId, event) => sockets.io.to(userId).emit('account', event)
  serverState.onEvents = (events) => deliver(sockets, serverState, events)
  return sockets
}

function deliver(sockets: Sockets, serverState: ServerState, events: ConversationEvent[]): void {
  if (sockets.silent) return
  for (const event of events) {
    const record = serverState.conversations.get(event.conversationId)
    for (const userId of record?.memberships.keys() ?? []) sockets.io.to(userId).emit('events', [event])
  }
}

function accept(sockets: Sockets, serverState: ServerState, socket: TestSocket): void {
  const { userId } = socket.data
  socket.join(userId)
  const { tokenEndsInMs, comebackWithinMs } = sockets
  const serverTime = new Date().toISOString()
  socket.emit('ready', {
    userId,
    sessionId: userId,
    serverTime,
    ...(tokenEndsInMs && { tokenEndsInMs }),
    ...(comebackWithinMs && { comebackWithinMs }),
  })
  socket.on('authorise', ({ token }, ack) => {
    sockets.authorised.push(token)
    ack({ ok: true, tokenEndsInMs: 900_000 })
  })
  socket.on('send', ({ conversationId, id, text = '' }, ack) => {
    const record = serverState.conversations.get(conversationId)
    if (!record?.memberships.has(userId)) return ack(refusal())
    if (sockets.busy) return ack({ ok: false, error: toProblem('unavailable', { requestId: 'test' }) })
    const { message } = serverState.send(record, userId, { id, text })
    if (!sockets.mute) ack({ ok: true, message })
  })
  socket.on('typing', ({ conversationId, active }, ack) => {
    for (const other of serverState.conversations.get(conversationId)?.memberships.keys() ?? []) {
      if (other !== userId) sockets.io.to(other).emit('typing', { conversationId, userId, active })
    }
    ack({ ok: true })
  })
  const move =
    (kind: 'readSeq' | 'deliveredSeq') =>
    (data: { conversationId: string; seq: number }, ack: Acknowledge) => {
      const record = serverState.conversations.get(data.conversationId)
      if (!record?.memberships.has(userId)) return ack(refusal())
      serverState.moveMarker(record, userId, { [kind]: data.seq })
      for (const other of record.memberships.keys()) {
        sockets.io.to(other).emit('marker', { conversationId: record.id, userId, [kind]: data.seq })
      }
      ack({ ok: true })
    }
  socket.on('read', move('readSeq'))
  socket.on('delivered', move('deliveredSeq'))
  socket.on('watch', ({ userIds }, ack) => {
    for (const id of userIds) {
      const here = sockets.io.sockets.adapter.rooms.has(id)
      socket.emit('presence', { userId: id, status: here ? 'online' : 'offline', lastSeenAt: null })
    }
    ack({ ok: true })
  })
  socket.on('unwatch', (_, ack) => ack({ ok: true }))
  socket.on('away', (_, ack) => ack({ ok: true }))
  socket.on('back', (_, ack) => ack({ ok: true }))
}

const refusal = () => ({ ok: false, error: toProblem('not_found', { requestId: 'test' }) }) as const
