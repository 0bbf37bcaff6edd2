import type { RouteQuery, RouteReply, usersApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { UsersContext } from '../context.ts'
import { showPeople } from './last-seen-visibility.ts'
import { searchQuery } from './search-query.ts'
import { searchStages } from './search-stages.ts'
import type { UserRow } from './user-row.ts'

type Search = typeof usersApi.searchUsers
type Found = UserRow & SearchPlace

/** Less than any distance, before any username. */
const beginning = { distance: -1_000_000_000, username: '' }

/** People by what was typed, the best fits first. Never by e-mail address, and neither those whom the caller blocked nor those who blocked the caller. */
export async function searchUsers(
  ctx: Pick<UsersContext, 'pool' | 'contacts'>,
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
    // Without a name: each query is planned for what was typed, because a plan for any word is wrong for the common ones.
    const { rows } = await ctx.pool.query<Found>(text, [userId, distance, username, wanted, ...given])
    found.push(...rows)
  }
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const hasMore = found.length > page.length
  return {
    items: await showPeople(ctx, userId, page),
    nextCursor: last && hasMore ? encodeSearchCursor(last) : null,
  }
}

/** Where a page of people ended: by rank, within it by distance, within that by username. */
interface SearchPlace {
  rank: number
  distance: number
  username: string
}

const Place = z.tuple([z.int32(), z.int32(), z.string().regex(/^[a-z0-9_.]{1,32}$/)])
const start: SearchPlace = { rank: -1, distance: 0, username: '' }

const encodeSearchCursor = ({ rank, distance, username }: SearchPlace): string =>
  toCursor([rank, distance, username])

/** The place a cursor names; the beginning when there is none. Throws `validation_failed` for one that was not given out here. */
function decodeSearchCursor(cursor: string | undefined): SearchPlace {
  if (cursor === undefined) return start
  const [rank, distance, username] = fromCursor(Place, cursor, 'query.cursor')
  return { rank, distance, username }
}
