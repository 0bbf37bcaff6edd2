import { fold } from '@finnigram/contracts'
import { misspellingKeys, toLatin, wordsOf } from './search-words.ts'

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
  /** What was typed as the beginning of a username, where it can be one. */
  username: string | undefined
}

/** The queries over `search_words` for what a person typed; undefined when there is nothing in it to search for. */
export function searchQuery(typed: string): SearchQuery | undefined {
  const words = searchedWords(typed).slice(0, mostWords).map(spellings)
  if (words.length === 0) return undefined
  return {
    whole: every(words.map((spelled) => spelled.map(quote))),
    prefix: every(words.map((spelled) => spelled.map(beginning))),
    near: every(words.map((spelled) => [...spelled.map(beginning), ...nearKeys(spelled).map(quote)])),
    keys: words.flatMap(nearKeys).map(quote).join('|'),
    username: /^@?([a-z0-9_.]{1,32})$/.exec(toLatin(fold(typed)))?.[1],
  }
}

/** The words of what was typed; a username without a letter or digit is one. */
function searchedWords(typed: string): string[] {
  const words = wordsOf(typed)
  return words.length === 0 && /^[_.]+$/.test(typed) ? [typed] : words
}

const spellings = (word: string) => [...new Set([word, toLatin(word)])].filter((spelled) => spelled !== '')

const nearKeys = (spelled: string[]) =>
  spelled.filter((word) => Array.from(word).length >= shortestMisspelt).flatMap(misspellingKeys)

const every = (words: string[][]) => words.map((alternatives) => `(${alternatives.join('|')})`).join('&')

/** Words hold letters, marks and digits, or dots and underscores: nothing in them needs escaping. */
const quote = (word: string) => `'${word}'`
const beginning = (word: string) => `'${word}':*`
