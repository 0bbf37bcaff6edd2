import { pause } from '@finnigram/service-kit'
import { type SweepContext, sweepFiles } from './sweep-files.ts'

const everyMs = 10 * 60 * 1000

/** Sweeps every ten minutes or so, not all nodes at once, until it is disposed of. */
export function startSweeper(ctx: SweepContext): AsyncDisposable {
  const ending = new AbortController()
  const ended = sweepUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function sweepUntil(ctx: SweepContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    await sweepFiles(ctx, signal).catch((error) => ctx.log.warn('Files could not be swept yet', { error }))
  }
}
