import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { takeLongestStall } from './watch-event-loop.ts'

/** Seconds; from a cache hit to a request that ran into its limit. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]

export interface Metrics {
  readonly registry: Registry
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>
  gauge<L extends string>(
    name: string,
    help: string,
    options?: {
      labels?: readonly L[]
      /** Called at each scrape; for a gauge without labels. */
      collect?: () => number
    },
  ): Gauge<L>
  /** Of seconds, unless `buckets` say otherwise. */
  histogram<L extends string>(
    name: string,
    help: string,
    options?: { labels?: readonly L[]; buckets?: number[] },
  ): Histogram<L>
}

/**
 * A Prometheus registry of one service, with the default metrics of the process (event-loop lag,
 * memory, CPU, garbage collection). The same name again returns the same metric.
 */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  reportStalls(registry)
  const once = <M>(name: string, make: () => M): M =>
    (registry.getSingleMetric(name) as M | undefined) ?? make()
  const registers = [registry]
  return {
    registry,
    counter: (name, help, labels = []) =>
      once(name, () => new Counter({ name, help, labelNames: [...labels], registers })),
    gauge: (name, help, { labels = [], collect } = {}) =>
      once(name, () => {
        const options = { name, help, labelNames: [...labels], registers }
        if (!collect) return new Gauge(options)
        return new Gauge({
          ...options,
          collect() {
            this.set(collect())
          },
        })
      }),
    histogram: (name, help, { labels = [], buckets = durations } = {}) =>
      once(name, () => new Histogram({ name, help, labelNames: [...labels], buckets, registers })),
  }
}

function reportStalls(registry: Registry) {
  takeLongestStall()
  new Gauge({
    name: 'event_loop_stall_max_seconds',
    help: 'Longest that work of this process blocked its event loop, since the last scrape',
    registers: [registry],
    collect() {
      this.set(takeLongestStall() / 1_000)
    },
  })
}
