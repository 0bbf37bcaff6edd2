import { type Metrics, parkedCounter } from '@finnigram/service-kit'

/** From a burst that nobody waits for to an outage of a push service. */
const delays = [1, 2, 4, 5, 6, 8, 10, 15, 30, 60, 300, 1800, 7200]

/** What operators see of notifications. */
export function createPushMetrics(metrics: Metrics) {
  return {
    sent: metrics.counter('push_sent_total', 'Notifications taken by push services', ['kind', 'type']),
    failed: metrics.counter('push_failed_total', 'Notifications given up', ['kind', 'reason']),
    retried: metrics.counter('push_retried_total', 'Notifications put off to be tried again', [
      'kind',
      'reason',
    ]),
    spared: metrics.counter('push_spared_total', 'Notifications that were not needed any more'),
    unplanned: metrics.counter(
      'push_unplanned_total',
      'Messages whose notifications could not be planned and were left out',
    ),
    undelivered: metrics.counter('push_undelivered_total', 'Receipts of notifications that did not arrive', [
      'reason',
    ]),
    parked: parkedCounter(metrics),
    waiting: metrics.gauge('push_waiting', 'Notifications on the queue of all nodes'),
    planned: metrics.gauge('push_planned', 'Messages that this node waits with before it notifies'),
    delay: metrics.histogram('push_delay_seconds', 'From a message to the push service that took it', {
      buckets: delays,
    }),
  }
}

export type PushMetrics = ReturnType<typeof createPushMetrics>

export interface WithPushMetrics {
  readonly metrics: PushMetrics
}
