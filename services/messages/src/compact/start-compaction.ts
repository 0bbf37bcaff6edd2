import { type Logger, pause } from '@finnigram/service-kit'
import { type CompactContext, compactEvents } from './compact-events.ts'

const everyMs = 60 * 60_000

/** Compacts every hour or so, not all nodes at once, until it is disposed of. */
export function startCompaction(ctx: CompactContext & { log: Logger }): AsyncDisposable {
  const ending = new AbortController()
  const ended = compactUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function compactUntil(ctx: CompactContext & { log: Logger }, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    try {
      const events = await compactEvents(ctx, signal)
      if (events > 0) ctx.log.info('Old events were compacted', { events })
    } catch (error) {
      ctx.log.warn('Old events could not be compacted yet', { error })
    }
  }
}
