import { messagesApi, type Problem } from '@finnigram/contracts'
import { AppError, type InternalClient, pause } from '@finnigram/service-kit'

export interface MarkerMove {
  userId: string
  conversationId: string
  kind: 'read' | 'delivered'
  seq: number
}
export interface MarkerResult {
  ok: boolean
  error?: Problem | undefined
}
export type EnqueueMarker = (move: MarkerMove) => Promise<MarkerResult>

export interface WithMarkerBatcher {
  readonly enqueueMarker: EnqueueMarker
}

interface Waiting {
  move: MarkerMove
  result: PromiseWithResolvers<MarkerResult>
}

/** How long a batch gathers, in milliseconds: a group that reads a message becomes one call. */
const gatherMs = 20
const maxSize = 500
/** Most markers that wait. There are as many only while the messages service is down. */
const maxWaiting = 20_000

/**
 * Batches marker moves for the messages service, one call at a time. Each marker is in a call once,
 * with its furthest seq. Rejects with `unavailable` when the service cannot be reached.
 */
export function createMarkerBatcher(messages: InternalClient): EnqueueMarker {
  const waiting = new Map<string, Waiting>()
  let isRunning = false

  const flush = async (batch: Waiting[]) => {
    try {
      const body = { markers: batch.map(({ move }) => move) }
      const { results } = await messages.call(messagesApi.internalMarkers, { body })
      for (const [i, { result }] of batch.entries()) result.resolve(results[i] ?? { ok: true })
    } catch (error) {
      for (const { result } of batch) result.reject(error)
    }
  }
  const run = async () => {
    isRunning = true
    while (waiting.size > 0) {
      await pause(gatherMs)
      const keys = [...waiting.keys()].slice(0, maxSize)
      const batch = keys.flatMap((key) => waiting.get(key) ?? [])
      for (const key of keys) waiting.delete(key)
      await flush(batch)
    }
    isRunning = false
  }
  return async (move) => {
    const key = `${move.kind} ${move.userId} ${move.conversationId}`
    const known = waiting.get(key)
    if (known) {
      known.move.seq = Math.max(known.move.seq, move.seq)
      return known.result.promise
    }
    if (waiting.size >= maxWaiting) throw new AppError('unavailable', { retryAfter: 1 })
    const result = Promise.withResolvers<MarkerResult>()
    waiting.set(key, { move: { ...move }, result })
    if (!isRunning) void run()
    return result.promise
  }
}
