import type { Message } from '@finnigram/contracts'
import { type Language, languagesOf } from './languages.ts'
import type { PlannedTerm } from './plan-search.ts'
import { searchedText } from './search-line.ts'
import { searchableText } from './searchable-text.ts'
import type { Stemmer } from './stemmer.ts'
import { wordsOf } from './words.ts'

/** Whether every term is in a message as it is now, word forms in these languages counted. Its words must have been learned. */
export function matchesMessage(
  message: Pick<Message, 'text' | 'attachments'>,
  {
    terms,
    languages,
    stemmer,
  }: { terms: readonly PlannedTerm[]; languages: readonly Language[]; stemmer: Stemmer },
): boolean {
  const written = searchedText(message)
  const text = searchableText(written)
  const missing = terms.filter(({ needle }) => !text.includes(needle))
  if (missing.length === 0) return true
  const words = new Set(wordsOf(written))
  return missing.every((term) => words.values().some((word) => isFormOf(word, { term, languages, stemmer })))
}

/** Whether a word is a form of a term's word in one of these languages. */
export function isFormOf(
  word: string,
  { term, languages, stemmer }: { term: PlannedTerm; languages: readonly Language[]; stemmer: Stemmer },
): boolean {
  if (term.stems.size === 0) return false
  return languagesOf(word, languages).some((language) =>
    stemmer.stemsOf(word, language).some((stem) => term.stems.get(language)?.has(stem)),
  )
}
