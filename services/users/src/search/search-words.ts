import { fold } from '@finnigram/contracts'
import { toLatin } from './to-latin.ts'

const longestWord = 32
const shortestMisspelt = 3
/** Scripts written without spaces between words: a name in them is found from any character on. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** The folded words of a text, each at most 32 characters. */
export function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .map((word) => Array.from(word).slice(0, longestWord).join(''))
}

/**
 * What a word and its one-letter misspellings have in common: the word itself and all forms with one letter left out
 * (the "symmetric delete" of SymSpell). Two words that share a key are at most a letter added, lost, changed, or swapped
 * with its neighbour apart, or nearly so. The tilde keeps these keys apart from words.
 */
export function misspellingKeys(word: string): string[] {
  const letters = Array.from(word)
  const keys = new Set([`~${word}`])
  for (let i = 0; i < letters.length; i += 1) keys.add(`~${letters.toSpliced(i, 1).join('')}`)
  return [...keys]
}

/** Everything a person is found by, as lexemes of one `tsvector`: the words of the username and of the name, their Latin spelling, and the keys of their misspellings. Made here, so that no database extension, locale or dictionary is involved. */
export function searchWords({ username, displayName }: { username: string; displayName: string }): string[] {
  const lexemes = new Set([username])
  for (const written of [...wordsOf(username), ...wordsOf(displayName)]) {
    for (const word of new Set([written, toLatin(written)])) {
      for (const lexeme of lexemesOf(word)) lexemes.add(lexeme)
    }
  }
  lexemes.delete('')
  return [...lexemes]
}

function lexemesOf(word: string): string[] {
  const letters = Array.from(word)
  if (unspaced.test(word)) return letters.map((_, start) => letters.slice(start).join(''))
  return letters.length < shortestMisspelt ? [word] : [word, ...misspellingKeys(word)]
}
