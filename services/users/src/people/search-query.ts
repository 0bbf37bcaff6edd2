import { fold } from '@finnigram/text'
import { misspellingKeys, toLatin, wordsOf } from './search-words.ts'

const mostWords = 6
/** Shorter words are one letter away from half of all names. */
const shortestMisspelt = 4

export interface SearchQuery {
  /** `tsquery`: every word is a word of the name. */
  whole: string
  /** `tsquery`: every word is the beginning of a word of the name. */
  prefix: string
  /** `tsquery`: the same, or has one typing error. */
  near: string
  /** Misspelling keys, for ranking. Empty if every word is too short. */
  keys: string
  /** What was typed, as the beginning of a username, if it can be one. */
  username: string | undefined
}

/**
 * The queries over `search_words` for what was typed. Undefined if it has nothing to search for.
 */
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

/** The words of what was typed. A username without letters and digits counts as one. */
function searchedWords(typed: string): string[] {
  const words = wordsOf(typed)
  return words.length === 0 && /^[_.]+$/.test(typed) ? [typed] : words
}

const spellings = (word: string) => [...new Set([word, toLatin(word)])].filter((spelled) => spelled !== '')

const nearKeys = (spelled: string[]) =>
  spelled.filter((word) => Array.from(word).length >= shortestMisspelt).flatMap(misspellingKeys)

const every = (words: string[][]) => words.map((alternatives) => `(${alternatives.join('|')})`).join('&')

/** Words have letters, marks, digits, dots and underscores only, so nothing needs escaping. */
const quote = (word: string) => `'${word}'`
const beginning = (word: string) => `'${word}':*`
