import {
  Agent as HttpAgent,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'

export interface PlainRequest {
  method: string
  /** Path and query. */
  path: string
  headers: Record<string, string>
  body: string | undefined
  /** Longest to wait for the whole answer, in milliseconds. */
  timeoutMs: number
}

export interface PlainReply {
  status: number
  text: string
  /** Seconds, as the reply says; 1 where it does not. */
  retryAfter: number
}

const agentOptions = { keepAlive: true, noDelay: true, scheduling: 'lifo' } as const

/** A function that asks one server over kept connections. `node:http`, because `fetch` spends three times its processor time, and a message waits for this. Rejects when there is no answer in time. */
export function createRequester(baseUrl: string): (request: PlainRequest) => Promise<PlainReply> {
  const { protocol, hostname, port } = new URL(baseUrl)
  const isSecure = protocol === 'https:'
  const agent = isSecure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const send = isSecure ? requestHttps : requestHttp
  const server = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent }

  const ask = ({ method, path, headers, body, timeoutMs }: PlainRequest): Promise<PlainReply> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const options: RequestOptions = { ...server, method, path, headers: { ...headers, ...length } }
      const request = send(options, (response) => readReply(response).then(resolve, reject))
      const timer = setTimeout(() => request.destroy(new Error('No answer in time')), timeoutMs)
      request.once('close', () => clearTimeout(timer))
      request.once('error', (error) => reject(Object.assign(error, { wasKept: request.reusedSocket })))
      request.end(body)
    })
  // A kept connection may have been closed by the other side in the moment it was taken; internal routes may run twice.
  return (request) => ask(request).catch((error) => (wasHungUp(error) ? ask(request) : Promise.reject(error)))
}

async function readReply(response: IncomingMessage): Promise<PlainReply> {
  const { statusCode: status = 0, headers } = response
  return { status, text: await text(response), retryAfter: Number(headers['retry-after'] ?? 1) }
}

function wasHungUp(error: unknown): boolean {
  if (!(error instanceof Error) || !('wasKept' in error) || !error.wasKept) return false
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
