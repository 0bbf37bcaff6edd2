import type { IncomingMessage, ServerResponse } from 'node:http'
import { newId } from '@finnigram/contracts'
import { AppError, type Exchange } from '@finnigram/service-kit'
import { type Locker, Server } from '@tus/server'
import type { MessagesContext } from '../../context.ts'
import type { Owner } from '../owner.ts'
import { arrivingBytes } from './arriving-bytes.ts'
import { toTusError } from './to-tus-error.ts'
import { TusStore, type TusStoreOptions } from './tus-store.ts'

export interface TusOptions extends Omit<TusStoreOptions, 'stop'> {
  ctx: MessagesContext
}

/** What of a request concerns tus. The rest is not its business, or was looked at before. */
const taken = [
  'tus-resumable',
  'upload-offset',
  'upload-length',
  'upload-defer-length',
  'upload-metadata',
  'upload-concat',
  'content-type',
  'content-length',
]
/** What of tus's answer is ours to tell: not its cross-origin headers. */
const told = [
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

/** Pieces find their place by themselves, over all nodes (`receiveBytes`), and a request ends an older one (`createReceivers`). */
const noLock: Locker = { newLock: () => ({ lock: async () => {}, unlock: async () => {} }) }

/** Answers a request that speaks tus 1.0 for a person, who is known by now; nobody is needed to ask what the server can do. */
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
    // tus leaves what it does not want unread.
    void bytes.return(undefined)
    if (stopping.signal.aborted && !response.headersSent) response.setHeader('connection', 'close')
  }
}

const nobody: Owner = { userId: '' }

function toWebRequest(request: IncomingMessage, bytes: AsyncIterable<Uint8Array>): Request {
  const { method = 'GET', url = '/' } = request
  const headers = new Headers()
  for (const name of taken) {
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
  for (const name of told) {
    const value = answer.headers.get(name)
    if (value !== null) response.setHeader(name, value)
  }
  // The rest of a body that was not waited for may still come, or never.
  if (!request.complete) response.setHeader('connection', 'close')
  response.statusCode = answer.status
  response.end()
}
