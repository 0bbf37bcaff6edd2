import { fold, type RouteQuery, type RouteReply, type usersApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type pg from 'pg'
import { notBlocked } from '../blocks/not-blocked.ts'
import type { UsersContext } from '../context.ts'
import { toPublicUser } from '../people/to-public-user.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { decodeSearchCursor, encodeSearchCursor, type SearchPlace } from './search-cursor.ts'
import { type SearchQuery, searchQuery } from './search-query.ts'

type Search = typeof usersApi.searchUsers
type Found = UserRow & SearchPlace

/** The rank of a misspelt name, the last. */
const misspelt = 4

/** People by what was typed: the username itself, names with these words, names that begin so, then names that are nearly so. Never by e-mail address. */
export async function searchUsers(
  { pool }: UsersContext,
  { userId }: Actor,
  { query: typed, cursor, limit }: RouteQuery<Search>,
): Promise<RouteReply<Search>> {
  const query = searchQuery(typed)
  if (!query) return { items: [], nextCursor: null }
  const after = decodeSearchCursor(cursor)
  const wanted = limit + 1
  const found =
    after.rank < misspelt ? await findBeginning(pool, query, { userId, after, wanted, typed }) : []
  if (found.length < wanted && query.keys !== '') {
    found.push(...(await findMisspelt(pool, query, { userId, after, wanted: wanted - found.length })))
  }
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const hasMore = found.length > page.length
  return { items: page.map(toPublicUser), nextCursor: last && hasMore ? encodeSearchCursor(last) : null }
}

/** Ranks: 0 this very username, 1 whole words, 2 the username begins so, 3 words begin so. */
async function findBeginning(
  pool: pg.Pool,
  { prefix, whole }: SearchQuery,
  { userId, after, wanted, typed }: { userId: string; after: SearchPlace; wanted: number; typed: string },
): Promise<Found[]> {
  const { rows } = await pool.query<Found>({
    name: 'search-beginning',
    text: `SELECT * FROM (
  SELECT ${userColumns}, 0 AS distance, CASE
    WHEN u.username = $3 THEN 0
    WHEN u.search_words @@ $2::tsquery THEN 1
    WHEN starts_with(u.username, $3) THEN 2
    ELSE 3 END AS rank
  FROM users u WHERE u.search_words @@ $1::tsquery AND ${notBlocked('$7')}
) AS found
WHERE (rank, username) > ($4, $5)
ORDER BY rank, username LIMIT $6`,
    values: [prefix, whole, usernameOf(typed), after.rank, after.username, wanted, userId],
  })
  return rows
}

/** Those with the most keys in common first. */
async function findMisspelt(
  pool: pg.Pool,
  { near, prefix, keys }: SearchQuery,
  { userId, after, wanted }: { userId: string; after: SearchPlace; wanted: number },
): Promise<Found[]> {
  const from = after.rank === misspelt ? after : { distance: -1_000_000_000, username: '' }
  const { rows } = await pool.query<Found>({
    name: 'search-misspelt',
    text: `SELECT * FROM (
  SELECT ${userColumns}, ${misspelt} AS rank, -round(ts_rank(u.search_words, $3::tsquery) * 1e6)::int AS distance
  FROM users u WHERE u.search_words @@ $1::tsquery AND NOT u.search_words @@ $2::tsquery AND ${notBlocked('$7')}
) AS found
WHERE (distance, username) > ($4, $5)
ORDER BY distance, username LIMIT $6`,
    values: [near, prefix, keys, from.distance, from.username, wanted, userId],
  })
  return rows
}

/** What was typed as a username; null where it cannot be one, which compares with nothing. */
const usernameOf = (typed: string) => /^@?([a-z0-9_.]+)$/.exec(fold(typed))?.[1] ?? null
