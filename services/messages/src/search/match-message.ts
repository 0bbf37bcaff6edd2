import type { PlannedTerm } from './plan-search.ts'
import type { ComparedMessage } from './read-words.ts'
import { searchedText } from './search-line.ts'
import { searchableText } from './searchable-text.ts'
import type { WordForms } from './word-forms.ts'

/** Whether every term is in a message as it is now, word forms counted. Its words must have been learned. */
export function matchesMessage(
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
