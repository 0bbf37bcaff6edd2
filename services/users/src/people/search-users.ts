import type { RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { WithPool } from '../deps.ts'
import type { WithContacts } from './contacts.ts'
import { toVisibleUsers } from './last-seen-visibility.ts'
import { searchQuery } from './search-query.ts'
import { searchStages } from './search-stages.ts'
import type { UserRow } from './user-row.ts'

/*
 * People search: finds users by username and display name.
 *
 * Promises
 * - Best matches first: the exact username, whole words of the name, beginnings of usernames,
 *   beginnings of words, then words with one typing error (`search-stages.ts`).
 * - "Иван" is found by "ivan" and the other way round, "anais" finds "Anaïs" (`search-words.ts`).
 * - Paging is stable: a cursor is the rank, distance and username where the page ended.
 * - Common words are fast, too: the stages for words and beginnings sort 1,000 candidates at most.
 *
 * Procedure: split and fold what was typed (`search-query.ts`) → run the stages, one statement
 * each, until the page is full → hide last-seen times the caller may not see.
 *
 * Never
 * - Nobody is found by e-mail address.
 * - Users who blocked the caller, or whom the caller blocked, are not found.
 * - No database extension, locale or dictionary is involved: words are made here and stored in
 *   `users.search_words`. When their form changes, maintenance makes them again
 *   (`renew-search-words.ts`).
 *
 * Callers: the route `searchUsers`.
 */

type Search = typeof usersApi.searchUsers
type Found = UserRow & SearchPosition

/** Less than any distance, before any username. */
const beginning = { distance: -1_000_000_000, username: '' }

/** Users by what was typed, the best match first. */
export async function searchUsers(
  ctx: WithPool & WithContacts,
  { userId }: Actor,
  { query: typed, cursor, limit }: RouteQuery<Search>,
): Promise<RouteReply<Search>> {
  const query = searchQuery(typed)
  if (!query) return { items: [], nextCursor: null }
  const after = decodeSearchCursor(cursor)
  const found: Found[] = []
  for (const { rank, text, values } of searchStages) {
    const wanted = limit + 1 - found.length
    const given = values(query)
    if (rank < after.rank || wanted === 0 || !given) continue
    const { distance, username } = rank === after.rank ? after : beginning
    // Not a prepared statement: a generic plan is wrong for common words.
    const { rows } = await ctx.pool.query<Found>(text, [userId, distance, username, wanted, ...given])
    found.push(...rows)
  }
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const hasMore = found.length > page.length
  return {
    items: await toVisibleUsers(ctx, userId, page),
    nextCursor: last && hasMore ? encodeSearchCursor(last) : null,
  }
}

/** Where a page ended: sorted by rank, distance, username. */
interface SearchPosition {
  rank: number
  distance: number
  username: string
}

const SearchCursor = z.tuple([z.int32(), z.int32(), z.string().regex(/^[a-z0-9_.]{1,32}$/)])
const start: SearchPosition = { rank: -1, distance: 0, username: '' }

const encodeSearchCursor = ({ rank, distance, username }: SearchPosition): string =>
  toCursor([rank, distance, username])

/** Decodes a cursor; the beginning without one. Throws `validation_failed`. */
function decodeSearchCursor(cursor: string | undefined): SearchPosition {
  if (cursor === undefined) return start
  const [rank, distance, username] = fromCursor(SearchCursor, cursor, 'query.cursor')
  return { rank, distance, username }
}
