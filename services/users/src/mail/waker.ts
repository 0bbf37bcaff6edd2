/** Wakes whoever waits, or the next to wait if nobody does. */
export interface Waker {
  wake(): void
  /** Resolves when woken, at the latest after `ms` milliseconds. */
  wait(ms: number): Promise<void>
}

export function createWaker(): Waker {
  let isWoken = false
  let wakeUp = () => {}
  return {
    wake() {
      isWoken = true
      wakeUp()
    },
    async wait(ms) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          wakeUp = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      isWoken = false
    },
  }
}
