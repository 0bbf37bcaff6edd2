import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface PlainRequest {
  method: string
  /** Path and query. */
  path: string
  headers: Record<string, string>
  body?: string | undefined
  /**
   * Longest to wait for the whole answer, or for the head of one that is streamed, in milliseconds.
   */
  timeoutMs: number
}

export interface PlainReply {
  status: number
  text: string
  /** Seconds, as the reply says; 1 where it does not. */
  retryAfter: number
}

/** One server that is asked over kept connections; disposing closes them. */
export interface Requester extends Disposable {
  /** Rejects when there is no whole answer in time. */
  ask(request: PlainRequest): Promise<PlainReply>
  /**
   * Streams a good answer. Its stream fails once nothing more comes within `silenceMs` of being
   * wanted.
   */
  open(request: PlainRequest & { silenceMs: number }): Promise<Readable | PlainReply>
}

const agentOptions = { keepAlive: true, noDelay: true, scheduling: 'lifo' } as const

/**
 * `node:http`, because `fetch` spends three times its processor time, and a message waits for this.
 */
export function createRequester(baseUrl: string): Requester {
  const { protocol, hostname, port, pathname } = new URL(baseUrl)
  const isSecure = protocol === 'https:'
  const agent = isSecure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const send = isSecure ? requestHttps : requestHttp
  const server = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent }
  const below = pathname.replace(/\/+$/, '')

  const begin = <T>(
    { method, path, headers, body, timeoutMs }: PlainRequest,
    { read, endsTimer }: { read: (response: IncomingMessage) => Promise<T>; endsTimer: 'close' | 'response' },
  ) =>
    new Promise<T>((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const options: RequestOptions = {
        ...server,
        method,
        path: below + path,
        headers: { ...headers, ...length },
      }
      const request: ClientRequest = send(options, (response) => read(response).then(resolve, reject))
      const timer = setTimeout(() => request.destroy(new Error('No answer in time')), timeoutMs)
      request.once(endsTimer, () => clearTimeout(timer))
      request.once('close', () => clearTimeout(timer))
      request.once('error', (error) => reject(Object.assign(error, { wasKept: request.reusedSocket })))
      request.end(body)
    })
  return {
    ask: (request) =>
      again(() => begin(request, { read: (response) => readReply(response, response), endsTimer: 'close' })),
    open: ({ silenceMs, ...request }) =>
      again(() =>
        begin(request, { read: (response) => streamOrReply(response, silenceMs), endsTimer: 'response' }),
      ),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/**
 * A kept connection may have been closed by the other side in the moment it was taken; internal
 * routes may run twice.
 */
const again = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((error) => (wasHungUp(error) ? work() : Promise.reject(error)))

async function readReply(
  { statusCode: status = 0, headers }: IncomingMessage,
  body: Readable,
): Promise<PlainReply> {
  return { status, text: await text(body), retryAfter: Number(headers['retry-after'] ?? 1) }
}

async function streamOrReply(response: IncomingMessage, silenceMs: number): Promise<Readable | PlainReply> {
  const { statusCode = 0 } = response
  const body = boundSilence(response, silenceMs)
  return statusCode >= 200 && statusCode < 300 ? body : readReply(response, body)
}

function wasHungUp(error: unknown): boolean {
  if (!(error instanceof Error) || !('wasKept' in error) || !error.wasKept) return false
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/**
 * What somebody else sends stopped coming. Counts as unavailable, as other timeouts of calls do.
 */
class SourceSilent extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * The same bytes, as a stream that fails once nothing more comes within `ms` of being wanted. A reader who is slow does
 * not count, only a source that is. Whoever stops reading ends the source.
 */
function boundSilence(source: Readable, ms: number): Readable {
  const bounded = Readable.from(pieces(source, ms), { objectMode: false })
  // One that was never read from does not end its source by itself.
  bounded.once('close', () => source.destroy())
  return bounded
}

async function* pieces(source: Readable, ms: number): AsyncGenerator<Buffer> {
  const end = () => source.destroy(new SourceSilent(`Nothing came for ${ms} ms`))
  let timer = setTimeout(end, ms)
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      clearTimeout(timer)
      yield piece
      timer = setTimeout(end, ms)
    }
  } finally {
    clearTimeout(timer)
  }
}
