import type {
  Ack,
  ClientEvent,
  ClientEventAck,
  ClientEventData,
  ClientToServer,
  HandshakeError,
  ServerEventData,
  ServerToClient,
} from '@finnigram/contracts'
import { io, type Socket } from 'socket.io-client'
import type { TokenSource } from '../api/create-api.ts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'

/** The realtime service let this client not in, and says why. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused'
  readonly code: HandshakeError['code']
  /** When the server has a place for this client; null where it did not say. */
  readonly retryAfterMs: number | null

  constructor({ code, retryAfterMs = null }: { code: HandshakeError['code']; retryAfterMs?: number | null }) {
    super(`The socket was refused: ${code}`)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  /** Another access token may be let in. */
  get asksForToken(): boolean {
    return this.code === 'token_expired' || this.code === 'unauthenticated'
  }
}

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

export interface RequestOptions {
  timeoutMs?: number
  /** Dropped when the socket cannot take it at once: for what is worthless late. */
  volatile?: boolean
}

/**
 * One acknowledged request over a connected socket. Rejects as soon as that is gone: Socket.IO keeps back what is asked
 * of a socket that it finds dead at this moment, as after a sleep, for a reconnection that is never to come.
 */
export function requestOver<E extends ClientEvent>(
  { socket, lost }: Pick<Link, 'socket' | 'lost'>,
  { event, data }: { event: E; data: ClientEventData[E] },
  { timeoutMs = 10_000, volatile = false }: RequestOptions,
): Promise<ClientEventAck[E]> {
  if (!socket.connected) return Promise.reject(new NetworkProblem('unreachable'))
  return new Promise((resolve, reject) => {
    const onLost = () => reject(new NetworkProblem('unreachable'))
    lost.addEventListener('abort', onLost)
    const answered = (error: Error | null, reply: Ack<ClientEventAck[E]>) => {
      lost.removeEventListener('abort', onLost)
      if (error) reject(new NetworkProblem('timeout', error))
      else if (reply.ok) resolve(reply)
      else reject(new ApiProblem(reply.error))
    }
    const limited = socket.timeout(timeoutMs)
    const emitter: { emit(event: string, ...args: unknown[]): unknown } = volatile
      ? limited.volatile
      : limited
    emitter.emit(event, data ?? {}, answered)
  })
}

interface KeepAuthorisedOptions {
  token: string
  tokens: TokenSource
  timeoutMs: number
}

/** Before the end of a token, its successor is there by then. */
const aheadMs = 45_000
/** Timers of a device that slept, and servers that say nothing sensible, make no loop. */
const leastMs = 1_000

/**
 * Tells the server each fresh access token before the one it knows ends, so that a socket need not be replaced every
 * quarter of an hour. Where that fails nothing is done: the server closes the socket, and the next one begins anew.
 */
export function keepAuthorised(link: Link, { token, tokens, timeoutMs }: KeepAuthorisedOptions): void {
  let known = token
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (endsInMs: number) => {
    timer = setTimeout(() => void renew().catch(() => undefined), Math.max(leastMs, endsInMs - aheadMs))
  }
  const renew = async () => {
    const current = await tokens.current()
    const fresh = current === known ? await tokens.renew(known) : current
    if (fresh === null || !link.socket.connected) return
    known = fresh
    const data = { token: fresh }
    const { tokenEndsInMs } = await requestOver(link, { event: 'authorise', data }, { timeoutMs })
    wait(tokenEndsInMs)
  }
  if (link.tokenEndsInMs !== null) wait(link.tokenEndsInMs)
  void link.ended.then(() => clearTimeout(timer))
}
