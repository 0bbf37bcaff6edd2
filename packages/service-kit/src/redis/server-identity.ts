import type { Logger } from '../logger/logger.ts'

/** Remembers which server answers, and tells when another does. */
export function createIdentity(log: Logger) {
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  let now: string | undefined
  let last: string | undefined
  return {
    now: () => now,
    lose() {
      now = undefined
    },
    learn(found: string) {
      const isReplaced = last !== undefined && last !== found
      now = found
      last = found
      for (const resolve of [...waiting]) resolve()
      if (!isReplaced) return
      log.warn('Another Redis answers than before, or it was restarted')
      for (const listener of listeners) listener()
    },
    whenKnown(ms: number): Promise<boolean> {
      if (now !== undefined) return Promise.resolve(true)
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          waiting.delete(done)
          resolve(now !== undefined)
        }
        const timer = setTimeout(done, ms)
        waiting.add(done)
      })
    },
    onReplaced(listener: () => void): Disposable {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}
