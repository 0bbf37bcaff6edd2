import { isLatin, type Language } from './languages.ts'
import type { Stemmer } from './stemmer.ts'
import { wordsOf } from './words.ts'

/** A language with this share of the small words of the commonest one counts too: people mix, and some languages are close. */
const share = 0.7
const most = 3

/** The languages of texts in Latin letters, told by their small words ("the", "und", "les"); English where there are none. The words must have been learned. */
export function detectLanguages(texts: readonly string[], stemmer: Stemmer): Set<Language> {
  const counts = new Map<Language, number>()
  for (const text of texts) {
    for (const word of wordsOf(text)) {
      for (const language of stemmer.formsOf(word).smallIn) {
        if (isLatin(language)) counts.set(language, (counts.get(language) ?? 0) + 1)
      }
    }
  }
  const ranked = [...counts].sort(([, a], [, b]) => b - a)
  const best = ranked[0]?.[1] ?? 0
  if (best === 0) return new Set(['en'])
  const close = ranked.filter(([, count]) => count >= best * share)
  return new Set(close.slice(0, most).map(([language]) => language))
}
