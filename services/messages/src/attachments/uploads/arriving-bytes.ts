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
  const stopped = stopOf(signal)
  let waited = 0
  let came = 0
  try {
    for (let coming = chunks.next(); ; ) {
      const asked = performance.now()
      const next = await inTime([coming, stopped], Math.min(within - waited, until - asked))
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
    void chunks.return?.().then(() => request.resume(), ignore)
  }
}

/** A request that failed has no rest. */
const ignore = () => {}

type Next = IteratorResult<Uint8Array, undefined>

function stopOf(signal: AbortSignal | undefined): Promise<Next> {
  const { promise, resolve } = Promise.withResolvers<Next>()
  const stop = () => resolve({ done: true, value: undefined })
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  return promise
}

/** What the first of them brings; `over` at the end or when it fails, `late` when it takes longer than `ms`. */
async function inTime(
  coming: readonly [Promise<Next>, Promise<Next>],
  ms: number,
): Promise<Uint8Array | 'over' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), 'late')
  })
  try {
    const next = await Promise.race([...coming, late])
    if (next === 'late') return next
    return next.done ? 'over' : next.value
  } catch {
    return 'over'
  } finally {
    clearTimeout(timer)
  }
}
