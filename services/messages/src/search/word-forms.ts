import { type Language, languagesOf } from './languages.ts'
import type { PlannedTerm } from './plan-search.ts'
import type { Stemmer } from './stemmer.ts'

/** Of which terms words are forms. */
export interface WordForms {
  /** Whether any word is a form of anything. */
  readonly isAny: boolean
  /** The terms of which a word is a form in one of these languages, as bits: the first term is the lowest. The word must have been learned. */
  termsOf(word: string, languages: readonly Language[]): number
}

/** Remembers what it was asked, for one search: long messages say the same words again and again. Takes 32 terms at most. */
export function createWordForms(terms: readonly PlannedTerm[], stemmer: Stemmer): WordForms {
  const byLanguages = new Map<string, Map<string, number>>()
  const find = (word: string, languages: readonly Language[]) => {
    let found = 0
    for (const language of languagesOf(word, languages)) {
      for (const stem of stemmer.stemsOf(word, language)) {
        for (const [i, { stems }] of terms.entries()) if (stems.get(language)?.has(stem)) found |= 1 << i
      }
    }
    return found
  }
  return {
    isAny: terms.some(({ stems }) => stems.size > 0),
    termsOf(word, languages) {
      const key = languages.join()
      const known = byLanguages.get(key) ?? new Map<string, number>()
      if (known.size === 0) byLanguages.set(key, known)
      const found = known.get(word) ?? find(word, languages)
      known.set(word, found)
      return found
    },
  }
}
