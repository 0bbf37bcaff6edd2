import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ForwardOptions, forwardedHeaders } from './forwarded-headers.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** A request to leave HTTP for something else, as Node's server hands it over. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  /** What the client sent after its request, already read. */
  head: Buffer
}

/** Passes a WebSocket on to a node of `pool`: the request once, then bytes both ways; 503 when no node takes it. */
export function forwardUpgrade(upgrade: Upgrade, pool: UpstreamPool, options: ForwardOptions): void {
  const { request, socket, head } = upgrade
  const nodes = pool.candidates()
  socket.on('error', () => socket.destroy())

  const tryNext = () => {
    const node = nodes.shift()
    if (!node) return refuseUpgrade(socket, '503 Service Unavailable', 'Retry-After: 1\r\n')
    const onward: Socket = connect({ host: node.host, port: node.port, noDelay: true })
    const refused = () => {
      pool.markDown(node)
      tryNext()
    }
    onward.once('error', refused)
    onward.once('connect', () => {
      onward.off('error', refused)
      onward.on('error', () => onward.destroy())
      onward.write(requestHead(request, options))
      onward.write(head)
      socket.pipe(onward).pipe(socket)
      socket.once('close', () => onward.destroy())
      onward.once('close', () => socket.destroy())
    })
  }
  tryNext()
}

/** Ends an upgrade that cannot be served. */
export function refuseUpgrade(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function requestHead(request: IncomingMessage, options: ForwardOptions) {
  const headers: IncomingHttpHeaders = {
    ...forwardedHeaders(request, options),
    connection: 'Upgrade',
    upgrade: request.headers.upgrade,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`
}
