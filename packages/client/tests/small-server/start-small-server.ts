import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { matchRoute } from './match-route.ts'
import { Refusal } from './refusal.ts'
import { type Person, ServerState } from './server-state.ts'
import { Sessions } from './sessions.ts'
import { openSockets, type Sockets } from './sockets.ts'

/**
 * What happens to a request on its way: `lost` never reaches the server, `unanswered` does and its
 * answer is lost.
 */
export type Fault = 'lost' | 'unanswered' | 'unavailable'

export interface TestServer {
  url: string
  state: ServerState
  sessions: Sessions
  sockets: Sockets
  /** Asked for every REST request. */
  faultOf: (path: string, method: string) => Fault | undefined
  /** Waited for between the work and its answer. */
  beforeAnswer: (path: string, method: string) => Promise<void>
  /** Method and path of every request that reached the server. */
  requests: string[]
  /** Stops answering on the port; `open` begins again on the same. */
  close(): Promise<void>
  open(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A server that speaks the contract over real HTTP and real sockets, with everything in memory and
 * faults on demand.
 */
export async function startTestServer(): Promise<TestServer> {
  const serverState = new ServerState()
  const sessions = new Sessions()
  let http: Server
  let port = 0
  const server: TestServer = {
    url: '',
    state: serverState,
    sessions,
    sockets: openSockets(serverState, sessions),
    faultOf: () => undefined,
    beforeAnswer: async () => undefined,
    requests: [],
    async open() {
      http = createServer((request, response) => void answer(server, request, response))
      server.sockets.attach(http)
      await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
      port = (http.address() as AddressInfo).port
      server.url = `http://127.0.0.1:${port}`
    },
    async close() {
      // Ends the HTTP server too, which would wait for connections that are kept alive.
      const detached = server.sockets.detach()
      http.closeAllConnections()
      await detached
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
  await server.open()
  return server
}

async function answer(server: TestServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', server.url)
  const method = request.method ?? 'GET'
  if (pathname.startsWith('/socket.io')) return
  const fault = server.faultOf(pathname, method)
  if (fault === 'lost') return void request.socket.destroy()
  const text = await readText(request)
  server.requests.push(`${method} ${pathname}`)
  const reply = (status: number, body?: string) => {
    if (fault === 'unanswered') return void request.socket.destroy()
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
    })
    response.end(body)
  }
  try {
    if (fault === 'unavailable') throw new Refusal('unavailable')
    const { status, body } = handle(server, { method, pathname, searchParams, text, token: tokenOf(request) })
    const written = body === undefined ? undefined : JSON.stringify(body)
    await server.beforeAnswer(pathname, method)
    reply(status, written)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    reply(error.problem.status, JSON.stringify(error.problem))
  }
}

/** Who calls a route that needs no sign-in; nothing reads it there. */
const nobody: Person = new ServerState().addPerson('nobody')

interface Incoming {
  method: string
  pathname: string
  searchParams: URLSearchParams
  text: string
  token: string
}

function handle(
  { state: serverState, sessions }: TestServer,
  { method, pathname, searchParams, text, token }: Incoming,
) {
  const matched = matchRoute(method, pathname)
  if (!matched) throw new Refusal('not_found')
  const me = serverState.people.get(sessions.access.get(token) ?? '')
  if (matched.route.auth === 'user') {
    if (sessions.expired.has(token)) throw new Refusal('token_expired')
    if (!me) throw new Refusal('unauthenticated')
  }
  const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text)
  return matched.handler({
    serverState,
    sessions,
    me: me ?? nobody,
    token,
    params: matched.params,
    query: searchParams,
    body,
  })
}

function tokenOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').replace('Bearer ', '')
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
