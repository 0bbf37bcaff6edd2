import { createServer } from 'node:http'
import { createMetrics } from '@finnigram/service-kit/gateway-exports'

/** The gateway's metrics, for operators. */
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>

export function createGatewayMetrics() {
  const metrics = createMetrics('gateway')
  return {
    /** All metrics in Prometheus' text format. */
    text: () => metrics.registry.metrics(),
    refused: metrics.counter('gateway_refused_total', 'Requests and sockets refused at a bound', ['bound']),
    cut: metrics.counter('gateway_connections_cut_total', 'Connections closed at a bound', ['reason']),
    unknownProxy: metrics.counter(
      'gateway_unknown_proxy_total',
      'Requests with X-Forwarded-For from a private address that is not trusted',
    ),
    handshakes: metrics.counter('gateway_handshakes_total', 'WebSocket handshakes by outcome', ['outcome']),
    observeCalls(counts: { underWay: number; waiting: number }) {
      metrics.gauge('gateway_calls_under_way', 'Calls that services are working on', {
        collect: () => counts.underWay,
      })
      const waiting = 'Calls waiting for other calls of their address'
      metrics.gauge('gateway_calls_waiting', waiting, { collect: () => counts.waiting })
    },
  }
}

/** Serves the metrics to this machine only, at `http://127.0.0.1:<port>/metrics`. */
export async function serveMetrics(port: number, metrics: GatewayMetrics): Promise<AsyncDisposable> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(await metrics.text())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
