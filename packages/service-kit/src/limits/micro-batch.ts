export interface MicroBatchOptions<T, R> {
  /** Does the work of one batch; one result per item, in order. */
  run: (items: T[]) => Promise<readonly R[]>
  maxSize: number
  /** What items weigh, and how much one batch may carry; an item that weighs more goes alone. */
  weight?: { of: (item: T) => number; most: number }
  /** Batches in flight at once. Items that arrive meanwhile form the next batch. */
  maxInFlight: number
  /**
   * Two batches begin at least this far apart, in milliseconds; as soon as they can when not said.
   */
  everyMs?: number
  /**
   * Items of one key are never in two batches at once, which keeps them in order; without it every
   * item is free.
   */
  keyOf?: (item: T) => string
  /** Whether the caller of an item has given up: it is then rejected instead of run. */
  isGivenUp?: (item: T) => boolean
}

interface Waiting<T, R> {
  item: T
  key: string | undefined
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Micro-batcher: collects items of one turn of the event loop, and those that arrive while batches
 * are in flight. A lone item goes at once. When `run` fails, all items of that batch fail with it.
 */
export function createMicroBatch<T, R>(options: MicroBatchOptions<T, R>): (item: T) => Promise<R> {
  const { run, maxInFlight, everyMs = 0, keyOf } = options
  const busy = new Set<string>()
  let waiting: Waiting<T, R>[] = []
  let inFlight = 0
  let isScheduled = false
  let nextAt = 0

  const flush = async () => {
    isScheduled = false
    if (inFlight >= maxInFlight) return
    const { batch, rest } = takeBatch(waiting, busy, options)
    waiting = rest
    if (batch.length === 0) return
    const keys = batch.flatMap(({ key }) => key ?? [])
    for (const key of keys) busy.add(key)
    inFlight += 1
    nextAt = performance.now() + everyMs
    schedule()
    await settle(batch, run)
    inFlight -= 1
    for (const key of keys) busy.delete(key)
    schedule()
  }
  const schedule = () => {
    if (isScheduled || waiting.length === 0 || inFlight >= maxInFlight) return
    isScheduled = true
    const restMs = nextAt - performance.now()
    // Timers know whole milliseconds only, and may be early by what is cut off.
    if (restMs > 0) setTimeout(flush, Math.ceil(restMs) + 1)
    else setImmediate(flush)
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, key: keyOf?.(item), resolve, reject })
      schedule()
    })
}

/** The next batch, and what waits on. */
function takeBatch<T, R>(
  waiting: readonly Waiting<T, R>[],
  busy: ReadonlySet<string>,
  { maxSize, weight, isGivenUp = () => false }: MicroBatchOptions<T, R>,
): { batch: Waiting<T, R>[]; rest: Waiting<T, R>[] } {
  const batch: Waiting<T, R>[] = []
  const rest: Waiting<T, R>[] = []
  let carried = 0
  let isFull = false
  for (const one of waiting) {
    if (isGivenUp(one.item)) {
      one.reject(new Error('It was given up before its turn came'))
      continue
    }
    const isFree = one.key === undefined || !busy.has(one.key)
    const weighs: number = isFree && !isFull ? (weight?.of(one.item) ?? 0) : 0
    // What comes after one that does not fit waits, too: it may be of the same key.
    isFull ||= batch.length >= maxSize || (batch.length > 0 && carried + weighs > (weight?.most ?? 0))
    if (isFree && !isFull) {
      batch.push(one)
      carried += weighs
    } else rest.push(one)
  }
  return { batch, rest }
}

async function settle<T, R>(batch: Waiting<T, R>[], run: MicroBatchOptions<T, R>['run']): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item))
    if (results.length !== batch.length) throw new Error('A batch must give one result per item')
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as R)
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
