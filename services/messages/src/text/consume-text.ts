import { AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { textLimits } from '../limits.ts'

/**
 * Counts what a person wrote, by its bytes in UTF-8; `share` of them where few hear of it. Takes the same number of
 * turns of the event loop whatever was written, so that sends keep their order. Throws `rate_limited`.
 */
export async function consumeText(
  { limits }: Pick<MessagesContext, 'limits'>,
  userId: string,
  { texts, share = 1 }: { texts: readonly (string | null | undefined)[]; share?: number },
): Promise<void> {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0)
  for (const limit of textLimits) await limits.consume(limit, userId, Math.max(1, Math.ceil(bytes * share)))
}

/** Counts what was written already: whoever has too much of it waits with the next. */
export async function noteText(
  ctx: Pick<MessagesContext, 'limits'>,
  userId: string,
  text: string,
): Promise<void> {
  await consumeText(ctx, userId, { texts: [text] }).catch((error) => {
    if (!(error instanceof AppError)) throw error
  })
}
