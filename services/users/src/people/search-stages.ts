import { notBlocked } from './blocks.ts'
import type { SearchQuery } from './search-query.ts'
import { userColumns } from './user-row.ts'

/** One way to find users. A later stage runs only if the earlier ones do not fill the page. */
export interface SearchStage {
  /** Orders the results of the stages. Part of the cursor. */
  rank: number
  /**
   * SQL: $1 the caller, $2 and $3 distance and username to continue after, $4 the limit, then
   * `values`.
   */
  text: string
  /** Parameters made of what was typed. Undefined if this stage has nothing to look for. */
  values(query: SearchQuery): string[] | undefined
}

/**
 * Matches of a short or common word that are sorted. Nobody pages further; they type another
 * letter.
 */
const candidates = 1000

/** Sorted by username, among the first candidates. All have distance 0. */
const byName = (rank: number, where: string) => `SELECT * FROM (
  SELECT ${userColumns}, ${rank} AS rank, 0 AS distance FROM users u
  WHERE ${where} AND $2::int <= 0 AND u.username > $3 AND ${notBlocked('$1')} LIMIT ${candidates}
) AS found ORDER BY username LIMIT $4`

const beginsWith = (from: string, to: string) => `u.username >= ${from} AND u.username < ${to}`
/** Greater than all usernames with this beginning. The column is sorted by its bytes. */
const endOf = (beginning: string) => `${beginning}\u{10ffff}`

/**
 * Exact username, whole words, beginnings of usernames, beginnings of words, words with a typing
 * error.
 */
export const searchStages: readonly SearchStage[] = [
  {
    rank: 0,
    text: byName(0, 'u.username = $5'),
    values: ({ username }) => (username === undefined ? undefined : [username]),
  },
  {
    rank: 1,
    text: byName(1, 'u.search_words @@ $5::tsquery AND u.username <> $6'),
    values: ({ whole, username = '' }) => [whole, username],
  },
  {
    rank: 2,
    // Scans the index of usernames, so that a single letter costs no more than a longer text.
    text: `SELECT ${userColumns}, 2 AS rank, 0 AS distance FROM users u
WHERE ${beginsWith('$5', '$6')} AND $2::int <= 0 AND u.username > $3 AND u.username <> $5
  AND NOT u.search_words @@ $7::tsquery AND ${notBlocked('$1')}
ORDER BY u.username LIMIT $4`,
    values: ({ whole, username }) =>
      username === undefined ? undefined : [username, endOf(username), whole],
  },
  {
    rank: 3,
    text: byName(
      3,
      `u.search_words @@ $5::tsquery AND NOT u.search_words @@ $6::tsquery AND NOT (${beginsWith('$7', '$8')})`,
    ),
    values: ({ prefix, whole, username = '' }) => [prefix, whole, username, username && endOf(username)],
  },
  {
    rank: 4,
    // Users with the most keys in common first.
    text: `SELECT * FROM (
  SELECT ${userColumns}, 4 AS rank, -round(ts_rank(u.search_words, $7::tsquery) * 1e6)::int AS distance
  FROM users u WHERE u.search_words @@ $5::tsquery AND NOT u.search_words @@ $6::tsquery AND ${notBlocked('$1')}
) AS found
WHERE (distance, username) > ($2::int, $3) ORDER BY distance, username LIMIT $4`,
    values: ({ near, prefix, keys }) => (keys === '' ? undefined : [near, prefix, keys]),
  },
]
