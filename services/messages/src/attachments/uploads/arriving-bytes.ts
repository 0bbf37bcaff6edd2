import type { IncomingMessage } from 'node:http'

/**
 * Bytes that a sender must bring within a period: about 1 kB/s. Only time spent waiting for it
 * counts.
 */
const leastBytes = 30_000
const whileMs = 30_000
/** The longest time for one request. */
const wholeMs = 60 * 60 * 1000

export interface ArrivalOptions {
  /** Ends the body as if the sender had disconnected. */
  signal?: AbortSignal
  /** Called when the body ends because the sender is too slow. */
  onSlow?: () => void
  least?: number
  within?: number
  whole?: number
}

/**
 * The body of a request as it arrives. It just ends when the sender disconnects, is too slow, or
 * sends for over an hour: tus counts what came. A reader that stops early must `return` it.
 */
export async function* arrivingBytes(
  request: IncomingMessage,
  { signal, onSlow, least = leastBytes, within = whileMs, whole = wholeMs }: ArrivalOptions = {},
): AsyncGenerator<Uint8Array> {
  const until = performance.now() + whole
  const chunks = request.iterator({ destroyOnReturn: false })
  let waited = 0
  let came = 0
  try {
    for (let coming = chunks.next(); ; ) {
      const asked = performance.now()
      const next = await inTime(coming, { ms: Math.min(within - waited, until - asked), signal })
      waited += performance.now() - asked
      if (next === 'over' || performance.now() >= until) return
      if (next !== 'late') {
        came += next.length
        yield next
        coming = chunks.next()
      }
      if (waited < within) continue
      if (came < least) return onSlow?.()
      waited = 0
      came = 0
    }
  } finally {
    // Node discards the rest of a body only if nobody began to read it. Unread, it would block the
    // connection. A stopped request closes its connection instead of reading the rest.
    void chunks.return?.().then(() => signal?.aborted || request.resume(), ignore)
  }
}

/** A request that failed has no rest. */
const ignore = () => {}

/**
 * The next chunk. `over` at the end, on failure or abort, `late` after `ms`. No `Promise.race` with
 * a promise that lasts as long as the request: it would retain every chunk.
 */
function inTime(
  coming: Promise<IteratorResult<Uint8Array>>,
  { ms, signal }: { ms: number; signal: AbortSignal | undefined },
): Promise<Uint8Array | 'over' | 'late'> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | 'over' | 'late'>()
  const stop = () => resolve('over')
  const timer = setTimeout(resolve, Math.max(0, ms), 'late')
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  coming.then(({ done, value }) => resolve(done ? 'over' : value), stop)
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  })
}
