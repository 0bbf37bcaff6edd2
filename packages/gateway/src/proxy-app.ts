import { type IncomingMessage, request as openRequest } from 'node:http'
import { connect } from 'node:net'
import { withoutHopByHop } from './forwarded-headers.ts'
import { routeRequest } from './route-request.ts'
import type { Upgrade } from './send-socket.ts'
import type { Serve } from './serve-app.ts'

export interface AppProxy {
  serve: Serve
  /**
   * Whether a request asks for a socket of the development server, such as that of fast refresh.
   */
  isUpgrade(request: IncomingMessage): boolean
  upgrade(upgrade: Upgrade): void
}

/**
 * In place of the built app during development: passes pages, bundles and sockets on to Metro at
 * `url`, so that the app keeps the origin of the API. It sets no security headers, because Metro's
 * pages need inline scripts. It is never used by `npm start`.
 */
export function proxyApp(url: string): AppProxy {
  const { hostname: host, port } = new URL(url)
  return {
    serve(request, response) {
      const { method, headers } = request
      const onward = openRequest({ host, port, method, path: request.url, headers: withoutHopByHop(headers) })
      onward.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers))
        answer.once('error', () => response.destroy())
        answer.pipe(response)
      })
      onward.once('error', () => {
        if (response.headersSent) response.destroy()
        else response.writeHead(503, { 'retry-after': '1' }).end('Metro does not answer.\n')
      })
      response.once('close', () => onward.destroy())
      request.pipe(onward)
    },
    isUpgrade: ({ url: path = '/', headers }) =>
      headers.upgrade?.toLowerCase() === 'websocket' && routeRequest(path) === 'app',
    upgrade({ request, socket, head }) {
      const onward = connect({ host, port: Number(port) })
      onward.write(`${headOf(request)}\r\n`)
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.on('error', () => one.destroy())
        one.once('close', () => other.destroy())
      }
    },
  }
}

/** The request as it came, headers included. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}\r\n`] : [],
  )
  return `${method} ${url} HTTP/1.1\r\n${lines.join('')}`
}
