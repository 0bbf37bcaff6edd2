import type pg from 'pg'

/** The id of these bytes among those an owner has stored. In a transaction it stays until the end, when `isKept`. */
export async function findBlob(
  db: Pick<pg.PoolClient, 'query'>,
  { ownerId, sha256, isKept = false }: { ownerId: string; sha256: Buffer; isKept?: boolean },
): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM blobs WHERE owner_id = $1 AND sha256 = $2 ${isKept ? 'FOR KEY SHARE' : ''}`,
    [ownerId, sha256],
  )
  return rows[0]?.id
}
