import { notBlocked } from './blocks.ts'
import type { SearchQuery } from './search-query.ts'
import { userColumns } from './user-row.ts'

/** A way to find people; later ones are asked only when the earlier ones do not fill the page. */
export interface SearchStage {
  /** Orders what the stages find; the cursor names it. */
  rank: number
  /** SQL; $1 the asker, $2 and $3 the distance and username to go on after, $4 how many, then `values`. */
  text: string
  /** What was typed, in the form this stage takes it; undefined where it has nothing to look for. */
  values(query: SearchQuery): string[] | undefined
}

/** Among the many whom a short or common word fits, those that are sorted: nobody pages through more, they type another letter. */
const candidates = 1000

/** By username, the first of the candidates. All are at distance 0, so that a place with a greater one is behind them. */
const byName = (rank: number, where: string) => `SELECT * FROM (
  SELECT ${userColumns}, ${rank} AS rank, 0 AS distance FROM users u
  WHERE ${where} AND $2::int <= 0 AND u.username > $3 AND ${notBlocked('$1')} LIMIT ${candidates}
) AS found ORDER BY username LIMIT $4`

const beginsWith = (from: string, to: string) => `u.username >= ${from} AND u.username < ${to}`
/** Greater than all usernames that begin so; the column's order is that of its bytes. */
const endOf = (beginning: string) => `${beginning}\u{10ffff}`

/** This very username, then names with these words, usernames that begin so, names with words that begin so, and names that are nearly so. */
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
    // Along the index of usernames, so that the first page of a single letter costs no more than any other.
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
    // Those with the most keys in common first.
    text: `SELECT * FROM (
  SELECT ${userColumns}, 4 AS rank, -round(ts_rank(u.search_words, $7::tsquery) * 1e6)::int AS distance
  FROM users u WHERE u.search_words @@ $5::tsquery AND NOT u.search_words @@ $6::tsquery AND ${notBlocked('$1')}
) AS found
WHERE (distance, username) > ($2::int, $3) ORDER BY distance, username LIMIT $4`,
    values: ({ near, prefix, keys }) => (keys === '' ? undefined : [near, prefix, keys]),
  },
]
