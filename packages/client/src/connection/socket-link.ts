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

/** The realtime service refused the handshake. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused'
  readonly code: HandshakeError['code']
  /** When to come back; null if the server did not say. */
  readonly retryAfterMs: number | null

  constructor({ code, retryAfterMs = null }: { code: HandshakeError['code']; retryAfterMs?: number | null }) {
    super(`The socket was refused: ${code}`)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  /** Another access token may be accepted. */
  get asksForToken(): boolean {
    return this.code === 'token_expired' || this.code === 'unauthenticated'
  }
}

export type ClientSocket = Socket<ServerToClient, ClientToServer>

/** What to do with each event of the socket. */
export type ServerHandlers = { [E in keyof ServerEventData]?: (data: ServerEventData[E]) => void }

/** How a link ended, and what the server said about coming back, in milliseconds. */
export interface LinkEnd {
  /** From `goodbye`: when to come back. */
  retryAfterMs: number | null
  /** The reconnect window, over which all clients are spread. */
  comebackWithinMs: number | null
}

/** A socket from `ready` until it ends. */
export interface Link {
  socket: ClientSocket
  /** Milliseconds until its first token expires; null if the server did not say. */
  tokenEndsInMs: number | null
  /** Resolves when the socket is gone, whoever closed it. */
  ended: Promise<LinkEnd>
  /** Aborts at the same moment: for the many requests that come and go while the socket lives. */
  lost: AbortSignal
  close(): void
}

export interface DialOptions {
  url: string
  token: string
  timeoutMs: number
  handlers: ServerHandlers
}

/** An attempt under way. */
export interface Dialing {
  /** Rejects with `HandshakeRefused` or `NetworkProblem`. */
  link: Promise<Link>
  close(): void
}

/**
 * One attempt: a new socket, from the handshake to `ready`. No event of it is delivered after its
 * end.
 */
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

/** Why an attempt failed before `ready`: after a `goodbye` the server has no capacity yet. */
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
  /** Dropped if the socket cannot send it at once: for what is worthless late. */
  volatile?: boolean
}

/**
 * One acknowledged request over a connected socket. Rejects as soon as the socket is gone:
 * Socket.IO would buffer what is sent over a socket that it finds dead, for a reconnection that
 * never comes.
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

/** A token is replaced this long before it expires. */
const aheadMs = 45_000
/** No loop after a device's sleep, or with a server that sends nonsense. */
const leastMs = 1_000

/**
 * Sends each new access token before the known one expires, so that the socket need not be replaced
 * every quarter of an hour. If that fails, the server closes the socket, and the next one begins
 * anew.
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
