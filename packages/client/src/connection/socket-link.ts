import type { ClientToServer, HandshakeError, ServerEventData, ServerToClient } from '@finnigram/contracts'
import { io, type Socket } from 'socket.io-client'
import { NetworkProblem } from '../api/problems.ts'
import { HandshakeRefused } from './handshake-refused.ts'

export type ClientSocket = Socket<ServerToClient, ClientToServer>

/** What to do with each thing the server sends. */
export type ServerHandlers = { [E in keyof ServerEventData]?: (data: ServerEventData[E]) => void }

/** How a link ended, and what the server said of coming back, in milliseconds. */
export interface LinkEnd {
  /** The moment that its goodbye named. */
  retryAfterMs: number | null
  /** The time over which all who lost it are to be spread. */
  comebackWithinMs: number | null
}

/** A socket that was told `ready`, until it ends. */
export interface Link {
  socket: ClientSocket
  /** Until the token it began with ends, in milliseconds; null where the server did not say. */
  tokenEndsInMs: number | null
  /** Resolves when the socket is gone, by whosever will. */
  ended: Promise<LinkEnd>
  /** Aborts at the same moment: for each of many requests, which come and go while the socket lives. */
  lost: AbortSignal
  close(): void
}

export interface DialOptions {
  url: string
  token: string
  timeoutMs: number
  handlers: ServerHandlers
}

/** A try under way. */
export interface Dialing {
  /** Rejects with `HandshakeRefused` or `NetworkProblem`. */
  link: Promise<Link>
  close(): void
}

/** One try: a new socket, from the handshake to `ready`. Nothing of it is heard after it ended. */
export function dial({ url, token, timeoutMs, handlers }: DialOptions): Dialing {
  const socket: ClientSocket = io(url, {
    transports: ['websocket'],
    auth: { token },
    autoConnect: false,
    reconnection: false,
    forceNew: true,
    timeout: timeoutMs,
  })
  listen(socket, handlers)
  const end: LinkEnd = { retryAfterMs: null, comebackWithinMs: null }
  const lost = new AbortController()
  let finish: (end: LinkEnd) => void = () => undefined
  const ended = new Promise<LinkEnd>((resolve) => {
    finish = resolve
  })
  let fail: (error: Error) => void = () => undefined
  const link = new Promise<Link>((resolve, reject) => {
    const timer = setTimeout(() => fail(new NetworkProblem('timeout')), timeoutMs)
    fail = (error) => {
      clearTimeout(timer)
      socket.off()
      socket.disconnect()
      lost.abort()
      finish(end)
      reject(error)
    }
    socket.on('ready', ({ tokenEndsInMs = null, comebackWithinMs = null }) => {
      clearTimeout(timer)
      end.comebackWithinMs = comebackWithinMs
      resolve({ socket, tokenEndsInMs, ended, lost: lost.signal, close })
    })
  })
  const close = () => fail(new NetworkProblem('aborted'))
  socket.on('connect_error', (error) => fail(toDialError(error)))
  socket.on('disconnect', () => fail(toEndError(end.retryAfterMs)))
  socket.on('crowd', (data) => {
    end.comebackWithinMs = data.comebackWithinMs
  })
  socket.on('goodbye', (data) => {
    end.retryAfterMs = data.retryAfterMs
  })
  socket.connect()
  return { link, close }
}

function listen(socket: ClientSocket, handlers: ServerHandlers): void {
  for (const [event, handler] of Object.entries(handlers)) {
    const untyped: { on(event: string, handler: unknown): unknown } = socket
    untyped.on(event, handler)
  }
}

/** Why a try ended that never was `ready`: with a goodbye the server has no place for it yet. */
const toEndError = (retryAfterMs: number | null) =>
  retryAfterMs === null
    ? new NetworkProblem('unreachable')
    : new HandshakeRefused({ code: 'unavailable', retryAfterMs })

function toDialError(error: Error & { data?: unknown }): Error {
  const { data } = error
  if (typeof data === 'object' && data !== null && 'code' in data) {
    return new HandshakeRefused(data as HandshakeError)
  }
  return new NetworkProblem('unreachable', error)
}
