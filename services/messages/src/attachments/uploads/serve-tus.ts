import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, newId } from '@finnigram/contracts'
import { AppError, type Exchange } from '@finnigram/service-kit'
import { type Locker, Server } from '@tus/server'
import type { WithConfig } from '../../deps.ts'
import { arrivingBytes } from './arriving-bytes.ts'

import { TusStore, type TusStoreOptions, type UploadContext } from './tus-store.ts'
import type { Owner } from './upload-row.ts'

export interface TusOptions extends Omit<TusStoreOptions, 'stop'> {
  ctx: UploadContext & WithConfig<'UPLOAD_MAX_BYTES' | 'UPLOAD_QUOTA_BYTES'>
}

/** Request headers that tus gets. The others do not concern it, or were checked before. */
const requestHeaders = [
  'tus-resumable',
  'upload-offset',
  'upload-length',
  'upload-defer-length',
  'upload-metadata',
  'upload-concat',
  'content-type',
  'content-length',
]
/** Response headers of tus that are passed on: not its cross-origin headers. */
const responseHeaders = [
  'tus-resumable',
  'tus-version',
  'tus-extension',
  'tus-max-size',
  'upload-offset',
  'upload-length',
  'upload-metadata',
  'upload-expires',
  'location',
]

/**
 * No lock: `receiveBytes` moves the offset atomically on any node, and `createReceivers` ends older
 * requests.
 */
const noLock: Locker = { newLock: () => ({ lock: async () => {}, unlock: async () => {} }) }

/** Serves a tus 1.0 request of an authenticated person. OPTIONS needs nobody. */
export async function serveTus(
  { ctx, ...options }: TusOptions,
  actor: Owner | undefined,
  { request, response }: Exchange,
): Promise<void> {
  response.setHeader('tus-resumable', '1.0.0')
  const stopping = new AbortController()
  let isSlow = false
  const store = new TusStore(ctx, actor ?? nobody, { ...options, stop: () => stopping.abort() })
  const server = new Server({
    path: '/v1/uploads',
    datastore: store,
    maxSize: ctx.config.UPLOAD_MAX_BYTES,
    relativeLocation: true,
    namingFunction: newId,
    locker: noLock,
    onResponseError: (_request, error) => {
      throw toTusError(error)
    },
    onUploadFinish: async (_request, { id }) => {
      await store.complete(id)
      return {}
    },
  })
  const onSlow = () => {
    isSlow = true
  }
  const bytes = arrivingBytes(request, { signal: stopping.signal, onSlow })
  try {
    const answer = await server.handleWeb(toWebRequest(request, bytes))
    if (answer.status >= 400) throw toTusError({ status_code: answer.status, body: await answer.text() })
    if (isSlow) throw new AppError('request_timeout', { detail: 'What came is kept: ask how far it is' })
    send(answer, { request, response })
  } finally {
    // tus leaves a body unread that it does not want.
    void bytes.return(undefined)
    if (stopping.signal.aborted && !response.headersSent) response.setHeader('connection', 'close')
  }
}

const nobody: Owner = { userId: '' }

function toWebRequest(request: IncomingMessage, bytes: AsyncIterable<Uint8Array>): Request {
  const { method = 'GET', url = '/' } = request
  const headers = new Headers()
  for (const name of requestHeaders) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const hasBody = method === 'POST' || method === 'PATCH'
  const body = hasBody ? { body: ReadableStream.from(bytes), duplex: 'half' as const } : {}
  return new Request(new URL(url, 'http://uploads'), { method, headers, ...body })
}

function send(
  answer: Response,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
) {
  for (const name of responseHeaders) {
    const value = answer.headers.get(name)
    if (value !== null) response.setHeader(name, value)
  }
  // The rest of an unread body may still come, or never.
  if (!request.complete) response.setHeader('connection', 'close')
  response.statusCode = answer.status
  response.end()
}

/** Our error code for each status of tus. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_failed',
  403: 'validation_failed',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  412: 'validation_failed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  501: 'validation_failed',
}

/**
 * Translates an error of the tus server to one of our API. Other errors are returned as they are.
 */
function toTusError(error: unknown): unknown {
  if (error instanceof AppError || !isOfTus(error)) return error
  const { status_code: status, body } = error
  const detail = body.trim()
  if (/content-type/i.test(detail)) {
    return new AppError('unsupported_media_type', { detail: 'Chunks are application/offset+octet-stream' })
  }
  const code = codesByStatus[status]
  if (code === undefined) return new Error(`tus answered ${status}: ${detail}`, { cause: error })
  return code === 'validation_failed'
    ? new AppError(code, { errors: [{ path: `headers.${headerIn(detail)}`, message: detail }] })
    : new AppError(code, { detail })
}

const isOfTus = (error: unknown): error is { status_code: number; body: string } =>
  typeof error === 'object' &&
  error !== null &&
  'status_code' in error &&
  typeof error.status_code === 'number' &&
  'body' in error &&
  typeof error.body === 'string'

const headerIn = (detail: string): string =>
  /(tus|upload)-[a-z-]+/i.exec(detail)?.[0].toLowerCase() ??
  (/concat/i.test(detail) ? 'upload-concat' : 'upload-length')
