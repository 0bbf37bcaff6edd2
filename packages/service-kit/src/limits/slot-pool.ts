import { AppError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * A pool of slots that a client may hold for long, such as for the upload of a file. When it is
 * full, the key with the most slots loses its oldest one (fair preemption).
 */
export interface SlotPool {
  /** Slots that are held. */
  readonly size: number
  /**
   * Takes a slot until it is disposed of. When all are taken, the key that holds most loses its
   * oldest slot, whose `onPreempted` is called. Throws `rate_limited` when this key holds enough,
   * and `unavailable` when no other holds more.
   */
  take(key: string, onPreempted: () => void): Disposable
}

export interface PlacesOptions {
  atOnce: number
  mostOfOne: number
  /** Under which name its metrics appear. */
  measured: { name: string; metrics: Metrics }
}

export function createSlotPool({ atOnce, mostOfOne, measured }: PlacesOptions): SlotPool {
  const slotMetrics = metricsOf(measured)
  /** The `onPreempted` of each slot by key, the oldest first. */
  const held = new Map<string, Set<() => void>>()
  let size = 0

  const free = (key: string, onPreempted: () => void) => {
    const slots = held.get(key)
    if (!slots?.delete(onPreempted)) return
    if (slots.size === 0) held.delete(key)
    size -= 1
    slotMetrics.set(size)
  }
  const refuse = (code: 'rate_limited' | 'unavailable') => {
    slotMetrics.refused()
    return new AppError(code, { retryAfter: 1 + Math.round(Math.random() * 2) })
  }
  /** Preempts the key with most slots, if it has more than the asking one would have then. */
  const preempt = (fewer: number) => {
    const [most] = [...held].toSorted(([, one], [, other]) => other.size - one.size)
    const [oldest] = most?.[1] ?? []
    if (!most || !oldest || most[1].size <= fewer + 1) throw refuse('unavailable')
    slotMetrics.preempted()
    free(most[0], oldest)
    oldest()
  }
  return {
    get size() {
      return size
    },
    take(key, onPreempted) {
      const own = held.get(key)?.size ?? 0
      if (own >= mostOfOne) throw refuse('rate_limited')
      if (size >= atOnce) preempt(own)
      // A function of its own, so that the same callback may be given twice.
      const slot = () => onPreempted()
      held.set(key, (held.get(key) ?? new Set()).add(slot))
      size += 1
      slotMetrics.set(size)
      return { [Symbol.dispose]: () => free(key, slot) }
    },
  }
}

function metricsOf({ name, metrics }: PlacesOptions['measured']) {
  const labels = ['places'] as const
  const held = metrics.gauge('places_held', 'Slots that are held', { labels })
  const refused = metrics.counter('places_refused_total', 'Requests for a slot that got none', labels)
  const back = metrics.counter('places_taken_back_total', 'Slots taken from the key that held most', labels)
  return {
    set: (size: number) => held.labels(name).set(size),
    refused: () => refused.labels(name).inc(),
    preempted: () => back.labels(name).inc(),
  }
}
