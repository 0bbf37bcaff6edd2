import type { IncomingMessage } from 'node:http'

/** What a sender must bring within a while: about a kilobyte a second. Only time in which we wait for them counts. */
const leastBytes = 30_000
const whileMs = 30_000
/** The longest that one request may go on sending. */
const wholeMs = 60 * 60 * 1000

export interface ArrivalOptions {
  /** Ends the body as if the sender had hung up. */
  signal?: AbortSignal
  /** Is called when the body ended because its sender is too slow. */
  onSlow?: () => void
  least?: number
  within?: number
  whole?: number
}

/** The body of a request as it arrives. It just ends when the sender hangs up, is too slow, or goes on for over an hour: tus counts what came. Whoever stops reading must `return` it. */
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
    // Node throws away the rest of a body only if nobody began to read it: unread it would block the connection.
    // What is told to stop ends with its connection: the rest of hundreds would pass through memory for nothing.
    void chunks.return?.().then(() => signal?.aborted || request.resume(), ignore)
  }
}

/** A request that failed has no rest. */
const ignore = () => {}

/**
 * What comes; `over` at the end, when it fails or is told to stop, `late` when it takes longer than `ms`. No
 * `Promise.race` with what lasts as long as the request: that would hold on to all that ever came.
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
