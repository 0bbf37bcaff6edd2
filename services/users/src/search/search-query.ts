import { misspellingKeys, wordsOf } from './search-words.ts'
import { toLatin } from './to-latin.ts'

const mostWords = 6
/** Shorter words are a letter away from half of all names. */
const shortestMisspelt = 4

export interface SearchQuery {
  /** Every word stands in the name as it is (a `tsquery`). */
  whole: string
  /** Every word begins a word of the name. */
  prefix: string
  /** The same, or is nearly a word of the name. */
  near: string
  /** The keys that tell how near; empty where every word is too short to be misspelt. */
  keys: string
}

/** The queries over `search_words` for what a person typed; undefined when there is no letter or digit in it. */
export function searchQuery(typed: string): SearchQuery | undefined {
  const words = wordsOf(typed).slice(0, mostWords).map(spellings)
  if (words.length === 0) return undefined
  return {
    whole: every(words.map((spelled) => spelled.map(quote))),
    prefix: every(words.map((spelled) => spelled.map(beginning))),
    near: every(words.map((spelled) => [...spelled.map(beginning), ...nearKeys(spelled).map(quote)])),
    keys: words.flatMap(nearKeys).map(quote).join('|'),
  }
}

const spellings = (word: string) => [...new Set([word, toLatin(word)])].filter((spelled) => spelled !== '')

const nearKeys = (spelled: string[]) =>
  spelled.filter((word) => Array.from(word).length >= shortestMisspelt).flatMap(misspellingKeys)

const every = (words: string[][]) => words.map((alternatives) => `(${alternatives.join('|')})`).join('&')

/** Words hold letters, marks and digits only: nothing in them needs escaping. */
const quote = (word: string) => `'${word}'`
const beginning = (word: string) => `'${word}':*`
