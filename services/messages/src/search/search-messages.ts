import type { messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { collectPage } from './collect-page.ts'
import { parseQuery } from './parse-query.ts'
import { planSearch } from './plan-search.ts'
import { isLater, newestPlace, PlaceInCursor, placeBefore, type SearchPlace } from './search-place.ts'

type Search = typeof messagesApi.searchMessages
type Query = RouteQuery<Search>

/**
 * Messages with all that was typed, newest first. The index only proposes: what is answered is read and compared as it is
 * now, in the conversations the reader takes part in, from their time there. A page may have fewer than `limit` and still
 * not be the last. Throws `not_found` for a `conversationId` the reader is not in.
 */
export function searchMessages(
  { pool, stemmer }: MessagesContext,
  actor: Actor,
  query: Query,
): Promise<RouteReply<Search>> {
  const place = firstPlace(query)
  const terms = parseQuery(query.q)
  return withSnapshot(pool, async (tx) => {
    if (query.conversationId !== undefined) await requireMembership(tx, actor, query.conversationId)
    if (terms.length === 0) return { items: [], nextCursor: null }
    // The planner would rather compare the grams of every block than ask their index.
    await tx.query('SET LOCAL enable_seqscan = off')
    await stemmer.learn(
      tx,
      terms.flatMap(({ word }) => word ?? []),
    )
    const plan = planSearch(terms, { ...query, stemmer })
    const request = {
      plan,
      userId: actor.userId,
      conversationId: query.conversationId,
      place,
      after: afterOf(query),
    }
    return collectPage(tx, { query, request, stemmer })
  })
}

const afterOf = ({ after }: Query) => (after === undefined ? -1 : Date.parse(after))

function firstPlace({ cursor, before }: Query): SearchPlace {
  const start = before === undefined ? newestPlace : placeBefore(Date.parse(before))
  if (cursor === undefined) return start
  const [at, conversationId, seq] = fromCursor(PlaceInCursor, cursor, 'query.cursor')
  const place = { at, conversationId, seq }
  return isLater(place, start) ? place : start
}

async function requireMembership(tx: pg.PoolClient, actor: Actor, conversationId: string): Promise<void> {
  const { rowCount } = await tx.query(
    'SELECT FROM participants WHERE conversation_id = $1 AND user_id = $2 AND left_version IS NULL',
    [conversationId, actor.userId],
  )
  if (rowCount === 0) throw new AppError('not_found')
}
