import type { IncomingMessage } from 'node:http'
import { AppError } from '../errors/app-error.ts'
import { readBody } from './read-body.ts'

/** The largest request body, in bytes. */
const bodyLimit = 256 * 1024

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The JSON body of a request; `undefined` when it has none. Throws `payload_too_large` over 256 KiB, `unsupported_media_type`, or `validation_failed` for what is not JSON in UTF-8. */
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
