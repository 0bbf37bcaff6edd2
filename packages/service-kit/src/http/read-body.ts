import type { IncomingMessage } from 'node:http'
import type { BytesBody } from '@finnigram/contracts'
import { AppError } from '../errors.ts'

/**
 * Bytes of a body that is too large which are read and discarded, so that its sender sees the
 * answer.
 */
const drainBytes = 8 * 1024 * 1024

/**
 * The whole body. Throws `payload_too_large` over `maxBytes`, `validation_failed` if it breaks off.
 */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new AppError('payload_too_large', { detail: `At most ${maxBytes} bytes` })
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else if (size > maxBytes + drainBytes) reject(tooLarge())
    })
    request.on('end', () => (size > maxBytes ? reject(tooLarge()) : resolve(Buffer.concat(chunks, size))))
    request.on('error', (cause) =>
      reject(new AppError('validation_failed', { detail: 'The body broke off', cause })),
    )
  })
}

/**
 * The bytes of an uploaded file. Throws `unsupported_media_type`, `payload_too_large`, or
 * `validation_failed` for none.
 */
export async function readBytes(
  request: IncomingMessage,
  { maxBytes, mediaTypes }: BytesBody,
): Promise<Buffer> {
  const { 'content-type': given = 'application/octet-stream', 'content-encoding': encoding } = request.headers
  const type = given.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!mediaTypes.includes(type) || (encoding !== undefined && encoding !== 'identity')) {
    request.resume()
    throw new AppError('unsupported_media_type', { detail: `Send one of ${mediaTypes.join(', ')}` })
  }
  const bytes = await readBody(request, maxBytes)
  if (bytes.length > 0) return bytes
  throw new AppError('validation_failed', { errors: [{ path: 'body', message: 'Must not be empty' }] })
}

/** The largest request body, in bytes. */
const bodyLimit = 256 * 1024

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The JSON body of a request; `undefined` when it has none. Throws `payload_too_large` over 256
 * KiB, `unsupported_media_type`, or `validation_failed` for what is not JSON in UTF-8.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const { 'content-type': type, 'content-length': length, 'content-encoding': encoding } = request.headers
  const isEmpty =
    length === '0' || (length === undefined && request.headers['transfer-encoding'] === undefined)
  if (isEmpty) return undefined
  if (!type || !jsonType.test(type) || (encoding !== undefined && encoding !== 'identity')) {
    request.resume()
    throw new AppError('unsupported_media_type', { detail: 'Send the body as application/json' })
  }
  const bytes = await readBody(request, bodyLimit)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new AppError('validation_failed', {
      errors: [{ path: 'body', message: 'Is not valid JSON' }],
      cause,
    })
  }
}
