import { setImmediate } from 'node:timers/promises'
import type { Highlight, Message, messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { toCursor } from '@finnigram/service-kit'
import type pg from 'pg'
import { type CandidateRequest, findCandidates } from './find-candidates.ts'
import { highlight } from './highlight.ts'
import { matchesMessage } from './match-message.ts'
import type { Candidate } from './read-blocks.ts'
import { type ReadCandidate, readCandidates } from './read-candidates.ts'
import { searchedText } from './search-line.ts'
import type { SearchPlace } from './search-place.ts'
import type { Stemmer } from './stemmer.ts'
import { wordsOf } from './words.ts'

type Search = typeof messagesApi.searchMessages
type Found = { message: Message; highlights: Highlight[] }

/** A search that is under way. */
export interface Work {
  query: RouteQuery<Search>
  request: Omit<CandidateRequest, 'count'>
  stemmer: Stemmer
}

/** What is left to look at after so many rounds, or after so many milliseconds once there is something, comes with the next page. */
const mostRounds = 4
const longEnoughMs = 50
/** UTF-16 units of text that are compared before others have their turn: some milliseconds. */
const longAtOnce = 16_384

/** A page of those candidates that match as they are now: rounds of them until it is full. */
export async function collectPage(tx: pg.PoolClient, work: Work): Promise<RouteReply<Search>> {
  const { query, request } = work
  const items: Found[] = []
  let place: SearchPlace | undefined = request.place
  const startedAt = performance.now()
  for (let round = 0; round < mostRounds && place; round += 1) {
    const wanted = query.limit + 1 - items.length
    const { found, next } = await findCandidates(tx, { ...request, place, count: wanted })
    items.push(...(await verify(tx, found, work)))
    place = next
    if (items.length > query.limit) break
    if (items.length > 0 && performance.now() - startedAt > longEnoughMs) break
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
  if (terms.some(({ stems }) => stems.size > 0)) await learnMessages(tx, { read, stemmer })
  const found: Found[] = []
  let length = 0
  for (const { message, languages } of read) {
    const compared = { terms, languages, stemmer }
    const { text } = message
    if (matchesMessage(message, compared)) {
      found.push({ message, highlights: text === null ? [] : highlight(text, compared) })
    }
    length += text?.length ?? 0
    if (length > longAtOnce) {
      await setImmediate()
      length = 0
    }
  }
  return found
}

async function learnMessages(
  tx: pg.PoolClient,
  { read, stemmer }: { read: readonly ReadCandidate[]; stemmer: Stemmer },
): Promise<void> {
  const byLanguages = Map.groupBy(read, ({ languages }) => languages.join())
  for (const alike of byLanguages.values()) {
    const words = alike.flatMap(({ message }) => wordsOf(searchedText(message)))
    await stemmer.learn(tx, words, alike[0]?.languages)
  }
}
