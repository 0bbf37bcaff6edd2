import type { messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError, fromCursor, toCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithPool } from '../deps.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { type CandidateRequest, findCandidates, readCandidates } from './find-candidates.ts'
import { parseQuery } from './parse-query.ts'
import { createWordForms, planSearch } from './plan-search.ts'
import { isLater, newestPlace, PlaceInCursor, placeBefore, type SearchCursor } from './search-cursor.ts'
import type { Stemmer, WithStemmer } from './stemmer.ts'
import { type Comparison, type Found, placeOf, verifyCandidates } from './verify-candidates.ts'

type Search = typeof messagesApi.searchMessages
type Query = RouteQuery<Search>

/**
 * Messages that match all terms of a query, newest first. The index only proposes candidates: each
 * is read and compared as it is now, within what the reader may see. A page may have fewer than
 * `limit` and still not be the last. Throws `not_found` for a conversation the reader is not in.
 */
export function searchMessages(
  { pool, stemmer }: WithPool & WithStemmer,
  actor: Actor,
  query: Query,
): Promise<RouteReply<Search>> {
  const place = firstPlace(query)
  const terms = parseQuery(query.q)
  return withSnapshot(pool, async (tx) => {
    if (query.conversationId !== undefined) await requireMembership(tx, actor, query.conversationId)
    if (terms.length === 0) return { items: [], nextCursor: null }
    // Otherwise the planner compares the n-grams of every block instead of using their index.
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

function firstPlace({ cursor, before }: Query): SearchCursor {
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

/** A search in progress. */
interface SearchWork {
  query: RouteQuery<Search>
  request: Omit<CandidateRequest, 'count'>
  stemmer: Stemmer
}

/** A page ends after so many rounds, or after so many milliseconds once it has a match. */
const mostRounds = 4

const longEnoughMs = 50

/** Collects a page: rounds of candidates, filtered by what they are now, until it is full. */
async function collectPage(tx: pg.PoolClient, work: SearchWork): Promise<RouteReply<Search>> {
  const { query, request, stemmer } = work
  const { terms } = request.plan
  const comparison: Comparison = {
    terms,
    stemmer,
    forms: createWordForms(terms, stemmer),
    compared: 0,
    matched: 0,
  }
  const items: Found[] = []
  let place: SearchCursor | undefined = request.place
  const startedAt = performance.now()
  for (let round = 0; round < mostRounds && place; round += 1) {
    const wanted = query.limit + 1 - items.length
    const { found, next } = await findCandidates(tx, { ...request, place, count: wanted })
    const read = await readCandidates(tx, found, { ...query, userId: request.userId })
    const { found: matches, stoppedAt } = await verifyCandidates(tx, read, comparison)
    items.push(...matches)
    place = stoppedAt ?? next
    if (stoppedAt || items.length > query.limit) break
    if (items.length > 0 && performance.now() - startedAt > longEnoughMs) break
  }
  const page = items.slice(0, query.limit)
  const last = items.length > query.limit ? placeOf(page.at(-1)) : place
  return { items: page, nextCursor: last ? toCursor([last.at, last.conversationId, last.seq]) : null }
}
