import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import { asyncApiDocument, openApiDocument } from '@finnigram/contracts'
import { referencePage } from './reference-page.ts'
import type { Serve } from './serve-app.ts'

export type DocumentName = 'openapi' | 'asyncapi' | 'docs'

/** One way to send a document, with the strong ETag of exactly these bytes. */
interface Variant {
  body: Buffer
  etag: string
  encoding?: 'br' | 'gzip'
}

/**
 * OpenAPI, AsyncAPI and the API reference. Each is made and compressed once, at its first request.
 */
export function createDocuments(
  origin: string,
  headers: Record<string, string>,
): Record<DocumentName, Serve> {
  const openApi = once(() => openApiDocument(origin))
  const asyncApi = once(() => asyncApiDocument(new URL(origin).host))
  return {
    openapi: serve('application/json', headers, () => JSON.stringify(openApi())),
    asyncapi: serve('application/json', headers, () => JSON.stringify(asyncApi())),
    docs: serve('text/html; charset=utf-8', headers, () =>
      referencePage({ openApi: openApi(), asyncApi: asyncApi() }),
    ),
  }
}

function serve(type: string, headers: Record<string, string>, make: () => string): Serve {
  const variants = once(() => compress(Buffer.from(make())))
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const variant = choose(await variants(), request)
    if (response.destroyed) return
    send(variant, { request, response, headers: { ...headers, 'content-type': type } })
  }
}

function send(
  { body, etag, encoding }: Variant,
  exchange: { request: IncomingMessage; response: ServerResponse; headers: Record<string, string> },
) {
  const { request, response, headers } = exchange
  const own = { ...headers, etag, vary: 'accept-encoding', 'cache-control': 'no-cache' }
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(etag) || known?.includes('*')) {
    response.writeHead(304, own).end()
    return
  }
  response.writeHead(200, {
    ...own,
    'content-length': body.length,
    ...(encoding ? { 'content-encoding': encoding } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The smallest variant that the client accepts; `q=0` refuses an encoding. */
function choose(variants: readonly Variant[], { headers }: IncomingMessage): Variant {
  const accepted = String(headers['accept-encoding'] ?? '')
    .split(',')
    .filter((coding) => !/;\s*q=0(\.0*)?\s*$/.test(coding))
    .map((coding) => coding.split(';', 1)[0]?.trim())
  const [first, ...others] = variants.filter(({ encoding }) => !encoding || accepted.includes(encoding))
  if (!first) throw new Error('There is no plain variant')
  return others.reduce((best, next) => (next.body.length < best.body.length ? next : best), first)
}

async function compress(body: Buffer): Promise<Variant[]> {
  // The last levels take ten times as long for a few per cent, and a client waits.
  const params = { [zlib.BROTLI_PARAM_QUALITY]: 7, [zlib.BROTLI_PARAM_SIZE_HINT]: body.length }
  const [small, common] = await Promise.all([
    promisify(brotliCompress)(body, { params }),
    promisify(gzip)(body),
  ])
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  return [
    { body, etag: `"${hash}"` },
    { body: small, etag: `"${hash}-br"`, encoding: 'br' },
    { body: common, etag: `"${hash}-gzip"`, encoding: 'gzip' },
  ]
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
