import type pg from 'pg'
import type { WithLog } from '../../deps.ts'
import type { WithFiles } from '../store/file-store.ts'

/**
 * The sweeper deletes again after this long, in minutes: a write may have been in flight at first.
 */
const againAfter = 10

/**
 * Marks bytes as pending deletion, in the transaction after which nobody needs them. The sweeper
 * deletes them whatever happens.
 */
export async function markForDeletion(
  tx: Pick<pg.PoolClient, 'query'>,
  prefixes: readonly string[],
): Promise<void> {
  if (prefixes.length === 0) return
  await tx.query(
    `INSERT INTO doomed_files (prefix, due) SELECT prefix, now() + make_interval(mins => $2) FROM unnest($1::text[]) prefix
ON CONFLICT (prefix) DO NOTHING`,
    [prefixes, againAfter],
  )
}

/**
 * Deletes bytes that are pending deletion, now. Never throws: what fails is left to the sweeper.
 */
export async function deleteBytes(
  { files, log }: WithFiles & WithLog,
  prefixes: readonly string[],
): Promise<void> {
  for (const prefix of prefixes) {
    await files
      .deleteAll(prefix)
      .catch((error) => log.warn('Bytes could not be deleted yet', { prefix, error }))
  }
}
