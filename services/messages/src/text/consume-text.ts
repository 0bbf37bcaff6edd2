import { AppError } from '@finnigram/service-kit'
import type { WithLimits } from '../deps.ts'
import { textLimits } from '../limits.ts'

/**
 * Rate-limits what a person writes, by its bytes in UTF-8, or a `share` of them when few get it. It
 * yields to the event loop equally often whatever the text, so that sends keep their order. Throws
 * `rate_limited`.
 */
export async function consumeText(
  { limits }: WithLimits,
  userId: string,
  { texts, share = 1 }: { texts: readonly (string | null | undefined)[]; share?: number },
): Promise<void> {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0)
  for (const limit of textLimits) await limits.consume(limit, userId, Math.max(1, Math.ceil(bytes * share)))
}

/** Counts a text that was accepted already. If it exceeds the limit, the next one is refused. */
export async function noteText(ctx: WithLimits, userId: string, text: string): Promise<void> {
  await consumeText(ctx, userId, { texts: [text] }).catch((error) => {
    if (!(error instanceof AppError)) throw error
  })
}
