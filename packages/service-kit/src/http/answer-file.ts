import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../errors/app-error.ts'
import { chooseRange } from './choose-range.ts'
import type { ByteRange, FileBody } from './file-body.ts'
import { withoutTimeLimit } from './request-signal.ts'

/** Answers with a file: 304 to whoever has it, 206 with the part that was asked for, 200 with all of it. Throws `range_not_satisfiable`. */
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
  // Who hangs up in the middle of a file is no fault of ours; a source that fails cuts the answer short.
  await pipeline(bytes, response)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
    .finally(stopWatching)
}

/** A reader who takes less than this in so long, in milliseconds, is not waited for: buffers on the way take in bursts. */
const leastBytes = 16 * 1024
const patienceMs = 120_000

/** Cuts the answer of a reader who stands still, or trickles: it holds a file, a connection to a bucket, and memory. Returns how to stop that. */
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

/** Whether a list of entity tags has this one; weak ones count, as RFC 9110 says of `If-None-Match`. */
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
