import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { toProblem } from '@finnigram/contracts'
import { AppError } from '../errors.ts'
import { chooseRange } from './choose-range.ts'
import type { ByteRange, FileBody } from './reply.ts'
import { withoutTimeLimit } from './request-signal.ts'

/** Answers with a file: 304, 206 with a range, or 200. Throws `range_not_satisfiable`. */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  { parts }: FileBody,
): Promise<void> {
  const { mediaType, etag, size, headers = {} } = parts
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const tag = etag === undefined ? undefined : `"${etag}"`
  if (tag !== undefined) response.setHeader('etag', tag)
  if (tag !== undefined && names(request.headers['if-none-match'], tag)) {
    response.statusCode = 304
    response.end()
    return
  }
  const range = size === undefined ? undefined : rangeOf(request, { tag, size, response })
  response.statusCode = range ? 206 : 200
  response.setHeader('content-type', mediaType)
  if (size !== undefined) {
    response.setHeader('accept-ranges', 'bytes')
    response.setHeader('content-length', range ? range.end - range.start + 1 : size)
    if (range) response.setHeader('content-range', `bytes ${range.start}-${range.end}/${size}`)
  }
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const bytes = await parts.open(range)
  if (bytes instanceof Uint8Array) {
    response.end(bytes)
    return
  }
  withoutTimeLimit(response)
  const stopWatching = watchReader(response)
  // A client that hangs up is no error; a source that fails cuts the answer short.
  await pipeline(bytes, response)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
    .finally(stopWatching)
}

/**
 * Fewest bytes that a reader must take in each period, in milliseconds: buffers drain in bursts.
 */
const leastBytes = 16 * 1024
const patienceMs = 120_000

/**
 * Cuts the answer of a reader that stalls or trickles: it holds a file, a connection to a bucket,
 * and memory. Returns a function that stops watching.
 */
export function watchReader(response: ServerResponse, within = patienceMs): () => void {
  const { socket } = response
  let before = socket?.bytesWritten ?? 0
  const watching = setInterval(() => {
    const now = socket?.bytesWritten ?? 0
    if (response.writableNeedDrain && now - before < leastBytes) response.destroy()
    before = now
  }, within)
  watching.unref()
  return () => clearInterval(watching)
}

/**
 * Whether a list of entity tags has this one; weak ones count, as RFC 9110 says of `If-None-Match`.
 */
const names = (header: string | undefined, tag: string): boolean | undefined =>
  header?.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === tag)

function rangeOf(
  { headers, method }: IncomingMessage,
  { tag, size, response }: { tag: string | undefined; size: number; response: ServerResponse },
): ByteRange | undefined {
  const condition = headers['if-range']
  if (method !== 'GET' || (condition !== undefined && condition !== tag)) return undefined
  const range = chooseRange(headers.range, size)
  if (range !== 'unsatisfiable') return range
  response.setHeader('content-range', `bytes */${size}`)
  throw new AppError('range_not_satisfiable')
}

/** From so many characters a text is encoded once; its length would else be counted separately. */
const longText = 16 * 1024

/**
 * Writes a complete answer and returns its bytes. Does nothing when one has begun (the client left,
 * or the deadline passed).
 */
export function answer(
  response: ServerResponse,
  status: number,
  { type, text }: { type: string; text: string } | { type?: undefined; text?: undefined } = {},
): number {
  if (response.headersSent || response.destroyed) return 0
  response.statusCode = status
  if (text === undefined) {
    response.end()
    return 0
  }
  const body = text.length < longText ? text : Buffer.from(text)
  const length = Buffer.byteLength(body)
  response.setHeader('content-type', type)
  response.setHeader('content-length', length)
  response.end(body)
  return length
}

export function answerJson(response: ServerResponse, status: number, text: string): number {
  return answer(response, status, { type: 'application/json; charset=utf-8', text })
}

/** Answers with problem details (RFC 9457). */
export function answerProblem(response: ServerResponse, error: AppError): void {
  const { code, detail, errors, retryAfter } = error
  const problem = toProblem(code, { requestId: requestIdOf(response), detail, errors })
  if (response.headersSent) return
  if (retryAfter !== undefined) response.setHeader('retry-after', String(Math.max(1, Math.ceil(retryAfter))))
  // A connection in the middle of a body can carry no other request (RFC 9110, 15.5.9).
  if (code === 'request_timeout') response.setHeader('connection', 'close')
  if (code === 'unauthenticated' || code === 'token_expired') response.setHeader('www-authenticate', 'Bearer')
  answer(response, problem.status, { type: 'application/problem+json', text: JSON.stringify(problem) })
}

const acceptable = /^[\w.-]{1,128}$/
const header = 'x-request-id'

/** Takes the client's request id, or makes one where it is unfit for logs, and sends it back. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers[header]
  const id = typeof given === 'string' && acceptable.test(given) ? given : randomUUID()
  response.setHeader(header, id)
  return id
}

/** The id this request was given. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(header) ?? '')
}
