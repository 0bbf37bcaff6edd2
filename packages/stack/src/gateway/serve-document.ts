import type { ServerResponse } from 'node:http'
import { asyncApiDocument, openApiDocument } from '@finnigram/contracts'
import { docsPage } from '../docs-page.ts'
import type { Destination } from './route-request.ts'

interface Asked {
  response: ServerResponse
  path: string
  /** The origin the documents are about. */
  origin: string
  headers: Record<string, string>
}

type Answer = (asked: Asked) => void

/** Answers the gateway gives itself: the descriptions of the API, and what a problem's `type` points to. */
export const serveDocument: Partial<Record<Destination, Answer>> = {
  openapi: (asked) => send(asked, 'application/json', JSON.stringify(openApi(asked.origin))),
  asyncapi: (asked) => send(asked, 'application/json', JSON.stringify(asyncApi(asked.origin))),
  docs: (asked) =>
    send(
      asked,
      'text/html; charset=utf-8',
      docsPage({ openApi: openApi(asked.origin), asyncApi: asyncApi(asked.origin) }),
    ),
  problem: ({ response, path }) => {
    const code = path.split('/').at(-1)?.replace(/\W/g, '') ?? ''
    response.writeHead(302, { location: `/v1/docs#problem-${code}` }).end()
  },
}

const openApi = (origin: string) => openApiDocument(origin)
const asyncApi = (origin: string) => asyncApiDocument(new URL(origin).host)

function send({ response, headers }: Asked, type: string, body: string) {
  response
    .writeHead(200, {
      ...headers,
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-cache',
    })
    .end(body)
}
