export interface MicroBatchOptions<T, R> {
  /** Does the work of one batch; one result per item, in order. */
  run: (items: T[]) => Promise<readonly R[]>
  maxSize: number
  /** Batches under way at once. What comes meanwhile makes up the next. */
  maxInFlight: number
}

interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Collects what arrives in one turn of the event loop, and while other batches are under way, into one piece of work.
 * Nothing waits on a clock: alone, an item goes at once. When `run` fails, all items of that batch fail with it.
 */
export function createMicroBatch<T, R>({ run, maxSize, maxInFlight }: MicroBatchOptions<T, R>) {
  const waiting: Waiting<T, R>[] = []
  let inFlight = 0
  let isScheduled = false

  const flush = async () => {
    isScheduled = false
    if (waiting.length === 0 || inFlight >= maxInFlight) return
    const batch = waiting.splice(0, maxSize)
    schedule()
    inFlight += 1
    try {
      const results = await run(batch.map(({ item }) => item))
      if (results.length !== batch.length) throw new Error('A batch must give one result per item')
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as R)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      inFlight -= 1
      schedule()
    }
  }
  const schedule = () => {
    if (isScheduled || waiting.length === 0 || inFlight >= maxInFlight) return
    isScheduled = true
    setImmediate(flush)
  }
  return (item: T) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      schedule()
    })
}
