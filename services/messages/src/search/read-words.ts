import type { ReadCandidate } from './read-candidates.ts'
import { type PlacedWord, placedWords, wordsOf } from './words.ts'

/** A candidate, and its words. */
export interface ComparedMessage extends ReadCandidate {
  /** Of the text, where they stand. */
  words: readonly PlacedWord[]
  /** Of the names of its files. */
  otherWords: readonly string[]
}

/** Finds the words of a candidate, once for all that is done with them. */
export const readWords = (candidate: ReadCandidate): ComparedMessage => ({
  ...candidate,
  words: placedWords(candidate.message.text ?? ''),
  otherWords: candidate.message.attachments.flatMap(({ name }) => wordsOf(name)),
})

/** For a search in which no word has other forms. */
export const withoutWords = (candidate: ReadCandidate): ComparedMessage => ({
  ...candidate,
  words: [],
  otherWords: [],
})
