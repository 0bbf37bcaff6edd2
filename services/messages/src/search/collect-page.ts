import type { messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { toCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import { type CandidateRequest, findCandidates } from './find-candidates.ts'
import { readCandidates } from './read-candidates.ts'
import type { SearchPlace } from './search-place.ts'
import type { Stemmer } from './stemmer.ts'
import { type Comparison, type Found, placeOf, verifyCandidates } from './verify-candidates.ts'
import { createWordForms } from './word-forms.ts'

type Search = typeof messagesApi.searchMessages

/** A search that is under way. */
export interface Work {
  query: RouteQuery<Search>
  request: Omit<CandidateRequest, 'count'>
  stemmer: Stemmer
}

/** What is left to look at after so many rounds, or after so many milliseconds once there is something, comes with the next page. */
const mostRounds = 4
const longEnoughMs = 50

/** A page of those candidates that match as they are now: rounds of them until it is full. */
export async function collectPage(tx: pg.PoolClient, work: Work): Promise<RouteReply<Search>> {
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
  let place: SearchPlace | undefined = request.place
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
