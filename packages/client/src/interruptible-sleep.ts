/** A sleep that others can cut short. */
export interface InterruptibleSleep {
  /** Sleeps `ms` milliseconds, or until `wake`, or until the signal aborts. One at a time. */
  atMost(ms: number): Promise<void>
  wake(): void
}

export function createInterruptibleSleep(signal: AbortSignal): InterruptibleSleep {
  let wake: () => void = () => undefined
  signal.addEventListener('abort', () => wake())
  return {
    async atMost(ms) {
      if (signal.aborted) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    },
    wake: () => wake(),
  }
}

/** Sleeps `ms` milliseconds; an aborted signal ends it early, without an error. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
