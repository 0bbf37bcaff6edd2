import { withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { deleteBytes } from './delete-bytes.ts'
import { removeUnused } from './remove-unused.ts'

/**
 * Lets go of attachments after a commit that took away messages that carried them: what no other message carries is
 * deleted, bytes and all. Safe to repeat. Never throws: what fails is left to the sweeper.
 */
export async function releaseAttachments(
  ctx: Pick<MessagesContext, 'pool' | 'files' | 'log'>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  try {
    const { prefixes } = await withTransaction(ctx.pool, (tx) => removeUnused(tx, ids))
    await deleteBytes(ctx, prefixes)
  } catch (error) {
    ctx.log.warn('Attachments could not be removed yet', { error, count: ids.length })
  }
}
