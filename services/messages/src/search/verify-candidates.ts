import { setImmediate } from 'node:timers/promises'
import type { Highlight, Message } from '@finnigram/contracts'
import type pg from 'pg'
import type { ReadCandidate } from './find-candidates.ts'
import { highlight } from './highlight.ts'
import { searchedText } from './index-document.ts'
import type { PlannedTerm, WordForms } from './plan-search.ts'
import type { SearchCursor } from './search-cursor.ts'
import { type PlacedWord, placedWords, searchableText, wordsOf } from './searchable-text.ts'
import type { Stemmer } from './stemmer.ts'

export interface Found {
  message: Message
  highlights: Highlight[]
}

/** The state of a search over all its rounds. */
export interface Comparison {
  terms: readonly PlannedTerm[]
  forms: WordForms
  stemmer: Stemmer
  /** UTF-16 units compared so far, and messages that matched. */
  compared: number
  matched: number
}

/** UTF-16 units of text between two yields to the event loop: some milliseconds. */
const longAtOnce = 16_384
/** A page ends after so much text once it has a match, and in any case after the longer one. */
const longEnough = 131_072
const longestOfAll = 524_288

/**
 * The candidates that match as they are now, in the same order. When they are so long that the rest
 * is left to the next page, `stoppedAt` is where that begins.
 */
export async function verifyCandidates(
  tx: pg.PoolClient,
  read: readonly ReadCandidate[],
  comparison: Comparison,
): Promise<{ found: Found[]; stoppedAt: SearchCursor | undefined }> {
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

/** The place of a message in the list of results. */
export const placeOf = (one: { message: Message } | undefined): SearchCursor | undefined =>
  one && {
    at: Date.parse(one.message.createdAt),
    conversationId: one.message.conversationId,
    seq: one.message.seq,
  }

const isEnough = ({ compared, matched }: Comparison) =>
  compared >= longestOfAll || (compared >= longEnough && matched > 0)

const lengthOf = ({ message: { text } }: ReadCandidate) => text?.length ?? 0

/** The next candidates that are compared at once. */
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
  const messages = portion.map(forms.isAny ? withWords : withoutWords)
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

/** Whether a message has every term now, or a form of it. Its words must have been learned. */
function matchesMessage(
  { message, languages, words, otherWords }: ComparedMessage,
  { terms, forms }: { terms: readonly PlannedTerm[]; forms: WordForms },
): boolean {
  const text = searchableText(searchedText(message))
  let missing = 0
  for (const [i, { needle }] of terms.entries()) if (!text.includes(needle)) missing |= 1 << i
  for (const { word } of words) {
    if (missing === 0) return true
    missing &= ~forms.termsOf(word, languages)
  }
  for (const word of otherWords) missing &= ~forms.termsOf(word, languages)
  return missing === 0
}

/** A candidate with its words. */
interface ComparedMessage extends ReadCandidate {
  /** Of the text, with their places. */
  words: readonly PlacedWord[]
  /** Of the names of its files. */
  otherWords: readonly string[]
}

/** Finds the words of a candidate. */
const withWords = (candidate: ReadCandidate): ComparedMessage => ({
  ...candidate,
  words: placedWords(candidate.message.text ?? ''),
  otherWords: candidate.message.attachments.flatMap(({ name }) => wordsOf(name)),
})

/** For a search in which no word has other forms. */
const withoutWords = (candidate: ReadCandidate): ComparedMessage => ({
  ...candidate,
  words: [],
  otherWords: [],
})
