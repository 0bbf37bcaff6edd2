import { AppError, type Metrics } from '@finnigram/service-kit'

/** Concurrent exports of this process: compressing uses the threads that hash passwords. */
const mostAtOnce = 4
/** A reader slower than this (bytes per second) is cut off when another export waits. */
const fastEnough = 256 * 1024
/** A reader is not judged before. */
const firstMs = 15_000

/** The response that an export is sent as. */
interface ExportResponse {
  readonly socket: { readonly bytesWritten: number } | null
  destroy(): unknown
}

/** Slots for the exports that are being sent (semaphore that evicts the slowest reader). */
export interface ExportSlots {
  /**
   * Acquires a slot until disposed of. If all are in use, the slowest response is destroyed. Throws
   * `unavailable` if all readers are fast.
   */
  acquire(response: ExportResponse): Disposable
}

export interface WithExportSlots {
  readonly exportSlots: ExportSlots
}

export function createExportSlots({
  metrics,
  now = () => performance.now(),
}: {
  metrics: Metrics
  /** A clock, in milliseconds. */
  now?: () => number
}): ExportSlots {
  const held = new Set<{ response: ExportResponse; since: number; before: number }>()
  const gauge = metrics.gauge('exports_running', 'Exports that are being sent')
  const ended = metrics.counter('exports_cut_total', 'Exports cut off because others waited')
  const refused = metrics.counter('exports_refused_total', 'Exports refused because all slots were in use')

  const evictSlowest = () => {
    const [slowest] = [...held]
      .map((one) => ({ ...one, one, age: now() - one.since }))
      .filter(({ age }) => age >= firstMs)
      .map(({ one, age }) => ({ one, speed: (bytesOf(one.response) - one.before) / (age / 1000) }))
      .toSorted((a, b) => a.speed - b.speed)
    if (!slowest || slowest.speed >= fastEnough) {
      refused.inc()
      throw new AppError('unavailable', { retryAfter: 30 })
    }
    ended.inc()
    held.delete(slowest.one)
    slowest.one.response.destroy()
  }
  return {
    acquire(response) {
      if (held.size >= mostAtOnce) evictSlowest()
      const one = { response, since: now(), before: bytesOf(response) }
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

const bytesOf = ({ socket }: ExportResponse): number => socket?.bytesWritten ?? 0
