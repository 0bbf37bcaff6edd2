import { AppError, type Metrics } from '@finnigram/service-kit'

/** Exports that this process makes at once: compressing takes the threads that signing in needs, too. */
const mostAtOnce = 4
/** A reader slower than this, in bytes a second, leaves as soon as another one waits; not in the first moments. */
const fastEnough = 256 * 1024
const firstMs = 15_000

/** An answer that an export is sent as. */
interface Answer {
  readonly socket: { readonly bytesWritten: number } | null
  destroy(): unknown
}

/** Who is being sent an export. */
export interface ExportPlaces {
  /** Takes a place for an answer, to be given back when it is over. The slowest reader gives theirs up: their answer breaks off. Throws `unavailable` when all are fast. */
  take(answer: Answer): Disposable
}

export function createExportPlaces({
  metrics,
  now = () => performance.now(),
}: {
  metrics: Metrics
  /** A clock, in milliseconds. */
  now?: () => number
}): ExportPlaces {
  const held = new Set<{ answer: Answer; since: number; before: number }>()
  const gauge = metrics.gauge('exports_running', 'Exports that are being sent')
  const ended = metrics.counter('exports_cut_total', 'Exports that broke off because others waited')
  const refused = metrics.counter('exports_refused_total', 'Exports that found no place')

  const makeRoom = () => {
    const [slowest] = [...held]
      .map((one) => ({ ...one, one, age: now() - one.since }))
      .filter(({ age }) => age >= firstMs)
      .map(({ one, age }) => ({ one, speed: (bytesOf(one.answer) - one.before) / (age / 1000) }))
      .toSorted((a, b) => a.speed - b.speed)
    if (!slowest || slowest.speed >= fastEnough) {
      refused.inc()
      throw new AppError('unavailable', { retryAfter: 30 })
    }
    ended.inc()
    held.delete(slowest.one)
    slowest.one.answer.destroy()
  }
  return {
    take(answer) {
      if (held.size >= mostAtOnce) makeRoom()
      const one = { answer, since: now(), before: bytesOf(answer) }
      held.add(one)
      gauge.set(held.size)
      return {
        [Symbol.dispose]() {
          held.delete(one)
          gauge.set(held.size)
        },
      }
    },
  }
}

const bytesOf = ({ socket }: Answer): number => socket?.bytesWritten ?? 0
