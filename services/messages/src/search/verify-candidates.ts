import { setImmediate } from 'node:timers/promises'
import type { Highlight, Message } from '@finnigram/contracts'
import type pg from 'pg'
import { highlight } from './highlight.ts'
import { matchesMessage } from './match-message.ts'
import type { PlannedTerm } from './plan-search.ts'
import type { ReadCandidate } from './read-candidates.ts'
import { type ComparedMessage, readWords, withoutWords } from './read-words.ts'
import type { SearchPlace } from './search-place.ts'
import type { Stemmer } from './stemmer.ts'
import type { WordForms } from './word-forms.ts'

export interface Found {
  message: Message
  highlights: Highlight[]
}

/** What of a search lasts over all its rounds. */
export interface Comparison {
  terms: readonly PlannedTerm[]
  forms: WordForms
  stemmer: Stemmer
  /** UTF-16 units compared so far, and messages that matched. */
  compared: number
  matched: number
}

/** UTF-16 units of text that are compared before others have their turn: some milliseconds. */
const longAtOnce = 16_384
/** A page whose messages have this much text is long enough, once there is something on it, and in any case when they have this much. */
const longEnough = 131_072
const longestOfAll = 524_288

/**
 * Those of the candidates that match as they are now, in the same order. Where they are so long that the rest is left for
 * the next page, `stoppedAt` is where that begins.
 */
export async function verifyCandidates(
  tx: pg.PoolClient,
  read: readonly ReadCandidate[],
  comparison: Comparison,
): Promise<{ found: Found[]; stoppedAt: SearchPlace | undefined }> {
  const found: Found[] = []
  for (let start = 0; start < read.length; ) {
    const portion = takePortion(read, start)
    start += portion.length
    found.push(...(await compare(tx, portion, comparison)))
    if (isEnough(comparison) && start < read.length) return { found, stoppedAt: placeOf(portion.at(-1)) }
    if (start < read.length) await setImmediate()
  }
  return { found, stoppedAt: undefined }
}

/** Where a message is in the list of everything. */
export const placeOf = (one: { message: Message } | undefined): SearchPlace | undefined =>
  one && {
    at: Date.parse(one.message.createdAt),
    conversationId: one.message.conversationId,
    seq: one.message.seq,
  }

const isEnough = ({ compared, matched }: Comparison) =>
  compared >= longestOfAll || (compared >= longEnough && matched > 0)

const lengthOf = ({ message: { text } }: ReadCandidate) => text?.length ?? 0

/** The next of them, as many as are compared at once. */
function takePortion(read: readonly ReadCandidate[], start: number): ReadCandidate[] {
  const portion: ReadCandidate[] = []
  for (let length = 0; length < longAtOnce; ) {
    const candidate = read[start + portion.length]
    if (!candidate) break
    portion.push(candidate)
    length += lengthOf(candidate)
  }
  return portion
}

async function compare(
  tx: pg.PoolClient,
  portion: readonly ReadCandidate[],
  comparison: Comparison,
): Promise<Found[]> {
  const { forms, stemmer } = comparison
  const messages = portion.map(forms.isAny ? readWords : withoutWords)
  if (forms.isAny) await learnWords(tx, messages, stemmer)
  for (const message of messages) comparison.compared += lengthOf(message)
  const matching = messages.filter((message) => matchesMessage(message, comparison))
  comparison.matched += matching.length
  return matching.map((match) => ({ message: match.message, highlights: highlight(match, comparison) }))
}

async function learnWords(
  tx: pg.PoolClient,
  messages: readonly ComparedMessage[],
  stemmer: Stemmer,
): Promise<void> {
  const byLanguages = Map.groupBy(messages, ({ languages }) => languages.join())
  for (const alike of byLanguages.values()) {
    const words = new Set(
      alike.flatMap(({ words, otherWords }) => [...words.map(({ word }) => word), ...otherWords]),
    )
    await stemmer.learn(tx, words, alike[0]?.languages)
  }
}
