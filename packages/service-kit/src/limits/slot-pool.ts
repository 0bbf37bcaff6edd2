import { AppError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Places that are held for as long as somebody else takes, such as by a file that is on its way. */
export interface Places {
  /** How many are held. */
  readonly size: number
  /**
   * Takes a place, until it is disposed of. When all are taken, who holds most gives back the oldest of theirs and hears
   * of it by `giveBack`. Throws `rate_limited` when this key holds enough, and `unavailable` when nobody holds more.
   */
  take(key: string, giveBack: () => void): Disposable
}

export interface PlacesOptions {
  atOnce: number
  mostOfOne: number
  /** Under which name its metrics appear. */
  measured: { name: string; metrics: Metrics }
}

export function createPlaces({ atOnce, mostOfOne, measured }: PlacesOptions): Places {
  const figures = figuresOf(measured)
  /** Of each key, how to take its places back, the oldest first. */
  const held = new Map<string, Set<() => void>>()
  let size = 0

  const free = (key: string, giveBack: () => void) => {
    const places = held.get(key)
    if (!places?.delete(giveBack)) return
    if (places.size === 0) held.delete(key)
    size -= 1
    figures.set(size)
  }
  const refuse = (code: 'rate_limited' | 'unavailable') => {
    figures.refused()
    return new AppError(code, { retryAfter: 1 + Math.round(Math.random() * 2) })
  }
  /** Whoever holds more than the one who asks would then. */
  const takeBack = (fewer: number) => {
    const [most] = [...held].toSorted(([, one], [, other]) => other.size - one.size)
    const [oldest] = most?.[1] ?? []
    if (!most || !oldest || most[1].size <= fewer + 1) throw refuse('unavailable')
    figures.takenBack()
    free(most[0], oldest)
    oldest()
  }
  return {
    get size() {
      return size
    },
    take(key, giveBack) {
      const own = held.get(key)?.size ?? 0
      if (own >= mostOfOne) throw refuse('rate_limited')
      if (size >= atOnce) takeBack(own)
      // A function of its own, so that the same may be given twice.
      const place = () => giveBack()
      held.set(key, (held.get(key) ?? new Set()).add(place))
      size += 1
      figures.set(size)
      return { [Symbol.dispose]: () => free(key, place) }
    },
  }
}

function figuresOf({ name, metrics }: PlacesOptions['measured']) {
  const labels = ['places'] as const
  const held = metrics.gauge('places_held', 'Places that are held', { labels })
  const refused = metrics.counter('places_refused_total', 'Who asked for a place and got none', labels)
  const back = metrics.counter('places_taken_back_total', 'Places taken from who held most', labels)
  return {
    set: (size: number) => held.labels(name).set(size),
    refused: () => refused.labels(name).inc(),
    takenBack: () => back.labels(name).inc(),
  }
}
