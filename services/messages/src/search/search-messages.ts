import type { Highlight, Message, messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { type CandidateRequest, findCandidates } from './find-candidates.ts'
import { highlight } from './highlight.ts'
import { learnWords } from './learn-words.ts'
import { matchesMessage } from './match-message.ts'
import { parseQuery } from './parse-query.ts'
import { planSearch } from './plan-search.ts'
import type { Candidate } from './read-blocks.ts'
import { readCandidates } from './read-candidates.ts'
import { isLater, newestPlace, PlaceInCursor, placeBefore, type SearchPlace } from './search-place.ts'
import type { Stemmer } from './stemmer.ts'

type Search = typeof messagesApi.searchMessages
type Query = RouteQuery<Search>
type Found = { message: Message; highlights: Highlight[] }

/** What is left to look at after so many rounds comes with the next page. */
const mostRounds = 4

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
    await stemmer.learn(
      tx,
      terms.flatMap(({ forms }) => forms),
    )
    const plan = planSearch(terms, { ...query, stemmer })
    const request = {
      plan,
      userId: actor.userId,
      conversationId: query.conversationId,
      place,
      after: afterOf(query),
    }
    return collect(tx, { query, request, stemmer })
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

interface Work {
  query: Query
  request: Omit<CandidateRequest, 'count'>
  stemmer: Stemmer
}

/** Rounds of candidates until the page is full; some may not match any more. */
async function collect(tx: pg.PoolClient, work: Work): Promise<RouteReply<Search>> {
  const { query, request } = work
  const items: Found[] = []
  let place: SearchPlace | undefined = request.place
  for (let round = 0; round < mostRounds && place; round += 1) {
    const wanted = query.limit + 1 - items.length
    const { found, next } = await findCandidates(tx, { ...request, place, count: wanted })
    items.push(...(await verify(tx, found, work)))
    place = next
    if (items.length > query.limit) break
  }
  const page = items.slice(0, query.limit)
  const last = items.length > query.limit ? placeOf(page.at(-1)) : place
  return { items: page, nextCursor: last ? toCursor([last.at, last.conversationId, last.seq]) : null }
}

const placeOf = (found: Found | undefined): SearchPlace | undefined =>
  found && {
    at: Date.parse(found.message.createdAt),
    conversationId: found.message.conversationId,
    seq: found.message.seq,
  }

/** Those of the candidates that match as they are now, in the same order. */
async function verify(
  tx: pg.PoolClient,
  candidates: readonly Candidate[],
  { query, request, stemmer }: Work,
): Promise<Found[]> {
  const { terms } = request.plan
  const read = await readCandidates(tx, candidates, { ...query, userId: request.userId })
  const messages = read.map(({ message }) => message)
  if (terms.some(({ forms }) => forms.length > 0)) await learnWords(tx, { messages, stemmer })
  return read.flatMap(({ message, languages }) => {
    const compared = { terms, languages, stemmer }
    if (!matchesMessage(message, compared)) return []
    return { message, highlights: message.text === null ? [] : highlight(message.text, compared) }
  })
}
