/** Waits `ms` milliseconds, or less when `signal` aborts; never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}

/** Whether `work` ended within `ms` milliseconds. Rejects when `work` does. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Wakes a loop that rests between two looks for work. */
export interface WakeSignal {
  /** Ends the wait, or the next one if nobody waits. */
  wake(): void
  /** Resolves when woken, at the latest after `ms` milliseconds. */
  wait(ms: number): Promise<void>
}

export function createWakeSignal(): WakeSignal {
  let isWoken = false
  let endWait = () => {}
  return {
    wake() {
      isWoken = true
      endWait()
    },
    async wait(ms) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          endWait = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      isWoken = false
    },
  }
}
