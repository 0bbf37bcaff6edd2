import { withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import { searchWords, searchWordsMark } from './search-words.ts'

/** Users in one transaction. */
const peopleAtOnce = 200

/**
 * Makes new search words for users whose words an older version made. That version may still run:
 * a name it changes has old words until the next run. Returns how many there were.
 */
export async function reindexUsers(pool: pg.Pool, signal?: AbortSignal): Promise<number> {
  for (let renewed = 0; ; ) {
    const count = signal?.aborted ? 0 : await withTransaction(pool, renewSome)
    if (count === 0) return renewed
    renewed += count
  }
}

async function renewSome(tx: pg.PoolClient): Promise<number> {
  const { rows } = await tx.query<{ id: string; username: string; displayName: string }>(
    `SELECT id, username, display_name AS "displayName" FROM users
WHERE deleted_at IS NULL AND NOT search_words @@ '''${searchWordsMark}'''::tsquery
ORDER BY id LIMIT ${peopleAtOnce} FOR UPDATE SKIP LOCKED`,
  )
  if (rows.length === 0) return 0
  await tx.query(
    `UPDATE users SET search_words = array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(made.words)))
FROM jsonb_to_recordset($1::jsonb) AS made (id uuid, words jsonb) WHERE users.id = made.id`,
    [JSON.stringify(rows.map((person) => ({ id: person.id, words: searchWords(person) })))],
  )
  return rows.length
}
