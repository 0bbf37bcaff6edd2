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
  /** Longest wait for the whole answer, or for the headers of a streamed one, in milliseconds. */
  timeoutMs: number
}

export interface PlainReply {
  status: number
  text: string
  /** Seconds, as the reply says; 1 where it does not. */
  retryAfter: number
}

/** A client of one server over kept-alive connections; disposing closes them. */
export interface HttpClient extends Disposable {
  /** Rejects when there is no whole answer in time. */
  request(request: PlainRequest): Promise<PlainReply>
  /** Streams a successful answer. The stream fails when it stalls for `silenceMs` (see below). */
  open(request: PlainRequest & { silenceMs: number }): Promise<Readable | PlainReply>
}

const agentOptions = { keepAlive: true, noDelay: true, scheduling: 'lifo' } as const

/**
 * `node:http`, because `fetch` spends three times its processor time, and a message waits for this.
 */
export function createHttpClient(baseUrl: string): HttpClient {
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
    request: (request) =>
      retryHungUp(() =>
        begin(request, { read: (response) => readReply(response, response), endsTimer: 'close' }),
      ),
    open: ({ silenceMs, ...request }) =>
      retryHungUp(() =>
        begin(request, { read: (response) => streamOrReply(response, silenceMs), endsTimer: 'response' }),
      ),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/**
 * A kept-alive connection may be closed by the server in the moment it is used. Internal routes may
 * run twice, so the request is sent once more.
 */
const retryHungUp = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((error) => (wasHungUp(error) ? work() : Promise.reject(error)))

async function readReply(
  { statusCode: status = 0, headers }: IncomingMessage,
  body: Readable,
): Promise<PlainReply> {
  return { status, text: await text(body), retryAfter: Number(headers['retry-after'] ?? 1) }
}

async function streamOrReply(response: IncomingMessage, silenceMs: number): Promise<Readable | PlainReply> {
  const { statusCode = 0 } = response
  const body = boundStall(response, silenceMs)
  return statusCode >= 200 && statusCode < 300 ? body : readReply(response, body)
}

function wasHungUp(error: unknown): boolean {
  if (!(error instanceof Error) || !('wasKept' in error) || !error.wasKept) return false
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/** A stalled source. Counts as unavailable, as other timeouts of calls do. */
class SourceStalled extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * The same bytes as a stream that fails when the source sends nothing for `ms` while the reader
 * wants more. A slow reader does not count. A reader that stops ends the source.
 */
function boundStall(source: Readable, ms: number): Readable {
  const bounded = Readable.from(pieces(source, ms), { objectMode: false })
  // A stream that was never read from does not end its source by itself.
  bounded.once('close', () => source.destroy())
  return bounded
}

async function* pieces(source: Readable, ms: number): AsyncGenerator<Buffer> {
  const end = () => source.destroy(new SourceStalled(`Nothing came for ${ms} ms`))
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
