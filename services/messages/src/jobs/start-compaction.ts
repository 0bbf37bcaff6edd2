import { type Logger, type Metrics, pause } from '@finnigram/service-kit'
import { type CompactContext, compactEvents } from './compaction.ts'

const everyMs = 60 * 60_000

/** Compacts every hour or so, not all nodes at once, until it is disposed of. */
export function startCompaction(ctx: CompactContext & { log: Logger; metrics: Metrics }): AsyncDisposable {
  const ending = new AbortController()
  const ended = compactUntil(ctx, ending.signal)
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await ended
    },
  }
}

async function compactUntil(
  ctx: CompactContext & { log: Logger; metrics: Metrics },
  signal: AbortSignal,
): Promise<void> {
  const failures = ctx.metrics.counter(
    'compaction_failures_total',
    'Conversations whose old events could not be compacted, and were passed over until the next round',
  )
  const passOver = (conversationId: string, error: unknown) => {
    failures.inc()
    ctx.log.warn('The events of a conversation could not be compacted yet', { conversationId, error })
  }
  for (;;) {
    await pause(everyMs * (0.5 + Math.random()), signal)
    if (signal.aborted) return
    try {
      const events = await compactEvents(ctx, signal, passOver)
      if (events > 0) ctx.log.info('Old events were compacted', { events })
    } catch (error) {
      ctx.log.warn('Old events could not be compacted yet', { error })
    }
  }
}
