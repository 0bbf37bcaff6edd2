import { isRefusal } from './api/problems.ts'
import { backoffMs } from './backoff.ts'
import { sleep } from './interruptible-sleep.ts'
import type { Timing } from './timing.ts'

/**
 * Repeats `work` with full jitter until it succeeds, the server refuses it for good (thrown), or
 * the signal aborts (undefined).
 */
export async function retry<T>(
  work: () => Promise<T>,
  { signal, timing }: { signal: AbortSignal; timing: Pick<Timing, 'retryBaseMs' | 'retryMaxMs'> },
): Promise<T | undefined> {
  const range = { baseMs: timing.retryBaseMs, maxMs: timing.retryMaxMs }
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (isRefusal(error)) throw error
      await sleep(backoffMs(attempt, range), signal)
    }
  }
  return undefined
}
