import { createMetrics } from '@finnigram/service-kit/edge'

/** What operators see of the gateway. */
export type GatewayFigures = ReturnType<typeof createFigures>

export function createFigures() {
  const metrics = createMetrics('gateway')
  return {
    /** Everything, as Prometheus reads it. */
    text: () => metrics.registry.metrics(),
    refused: metrics.counter('gateway_refused_total', 'Requests and sockets refused at a bound', ['bound']),
    cut: metrics.counter('gateway_connections_cut_total', 'Connections that were closed at a bound', [
      'reason',
    ]),
    unknownProxy: metrics.counter(
      'gateway_unknown_proxy_total',
      'Requests with X-Forwarded-For from a private address that is not trusted',
    ),
    handshakes: metrics.counter('gateway_handshakes_total', 'Sockets whose token was looked at', ['outcome']),
    watchTurns(counts: { underWay: number; waiting: number }) {
      metrics.gauge('gateway_calls_under_way', 'Calls that services work on', {
        collect: () => counts.underWay,
      })
      const waiting = 'Calls that wait for others of their address'
      metrics.gauge('gateway_calls_waiting', waiting, { collect: () => counts.waiting })
    },
  }
}
