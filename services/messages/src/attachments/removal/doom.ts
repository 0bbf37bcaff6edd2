import type pg from 'pg'

/** Bytes are deleted again after this long, in minutes: somebody may still have been writing when they were deleted first. */
const againAfter = 10

/** Notes, in the transaction after which nobody needs them, that these bytes are to be deleted; the sweeper sees to it whatever happens. */
export async function doom(tx: Pick<pg.PoolClient, 'query'>, prefixes: readonly string[]): Promise<void> {
  if (prefixes.length === 0) return
  await tx.query(
    `INSERT INTO doomed_files (prefix, due) SELECT prefix, now() + make_interval(mins => $2) FROM unnest($1::text[]) prefix
ON CONFLICT (prefix) DO NOTHING`,
    [prefixes, againAfter],
  )
}
