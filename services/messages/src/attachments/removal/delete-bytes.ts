import type { MessagesContext } from '../../context.ts'

/** Deletes doomed bytes at once. Where that fails the sweeper does it, so this never throws. */
export async function deleteBytes(
  { files, log }: Pick<MessagesContext, 'files' | 'log'>,
  prefixes: readonly string[],
): Promise<void> {
  for (const prefix of prefixes) {
    await files
      .deleteAll(prefix)
      .catch((error) => log.warn('Bytes could not be deleted yet', { prefix, error }))
  }
}
