import { type Metrics, parkedCounter } from '@finnigram/service-kit'

/** Buckets from a usual delay to an outage of a push service, in seconds. */
const delays = [1, 2, 4, 5, 6, 8, 10, 15, 30, 60, 300, 1800, 7200]

/** Metrics of notifications. */
export function createPushMetrics(metrics: Metrics) {
  return {
    sent: metrics.counter('push_sent_total', 'Notifications accepted by push services', ['kind', 'type']),
    failed: metrics.counter('push_failed_total', 'Notifications given up', ['kind', 'reason']),
    retried: metrics.counter('push_retried_total', 'Notifications delayed for a retry', ['kind', 'reason']),
    spared: metrics.counter('push_spared_total', 'Notifications dropped because they were no longer needed'),
    unplanned: metrics.counter(
      'push_unplanned_total',
      'Messages whose notifications could not be planned and were left out',
    ),
    undelivered: metrics.counter('push_undelivered_total', 'Receipts of notifications that did not arrive', [
      'reason',
    ]),
    parked: parkedCounter(metrics),
    waiting: metrics.gauge('push_waiting', 'Notifications on the queue of all nodes'),
    planned: metrics.gauge('push_planned', 'Messages pending on this node until they are due'),
    delay: metrics.histogram(
      'push_delay_seconds',
      'Seconds from a message to its acceptance by a push service',
      {
        buckets: delays,
      },
    ),
  }
}

export type PushMetrics = ReturnType<typeof createPushMetrics>

export interface WithPushMetrics {
  readonly metrics: PushMetrics
}
