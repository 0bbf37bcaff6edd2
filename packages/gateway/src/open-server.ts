import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { boundPipeline, highWaterMark } from '@finnigram/service-kit/edge'
import { isSocketUpgrade } from './answer-upgrade.ts'
import { boundConnections, type Connections } from './bound-connections.ts'
import type { GatewayFigures } from './metrics.ts'
import type { Serve } from './serve-app.ts'
import type { GatewayOptions } from './start-gateway.ts'

/**
 * The rest of a request's head is not waited for any longer, in milliseconds; looked after every
 * two seconds.
 */
const headersTimeout = 15_000
const connectionsCheckingInterval = 2_000
/**
 * An upload of 100 MiB over a slow line takes longer than the five minutes Node grants a request.
 */
const requestTimeout = 3_600_000
/** Connections at once, of one address and in all. */
const connectionsPerAddress = 2_000
const connectionsInAll = 20_000

/**
 * A server that works on one request of a connection at a time, and closes connections that are one
 * too many.
 */
export function openServer(
  { trustProxy, rateLimitScale: scale = 1 }: GatewayOptions,
  figures: GatewayFigures,
  serve: Serve,
): { server: Server; connections: Connections } {
  const onClosed = (reason: string) => figures.cut.inc({ reason })
  const timeouts = { keepAliveTimeout: 65_000, headersTimeout, requestTimeout, connectionsCheckingInterval }
  const server = createServer(
    { ...timeouts, highWaterMark, shouldUpgradeCallback: isSocketUpgrade },
    boundPipeline(serve, () => onClosed('pipeline')),
  )
  // Behind a proxy all connections are the proxy's.
  const perAddress = trustProxy ? connectionsInAll : connectionsPerAddress * Math.max(1, scale)
  const connections = boundConnections(server, { perAddress, inAll: connectionsInAll, onClosed })
  return { server, connections }
}

/** Takes nothing more, and lets what is under way end, for a second. */
export async function closeServer(server: Server, busy: ReadonlySet<ServerResponse>): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await Promise.race([
    Promise.all([...busy].map((response) => once(response, 'close'))),
    sleep(1_000, undefined, { ref: false }),
  ])
  server.closeAllConnections()
}
