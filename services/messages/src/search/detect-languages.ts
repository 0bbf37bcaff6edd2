import { type Language, languagesOfSmallWord } from './languages.ts'

/** A language with this share of the small words of the commonest one counts too: people mix, and some languages are close. */
const share = 0.7
const most = 3

/** The languages in Latin letters that words are of, told by the small ones ("the", "und", "les"); English where there are none. */
export function detectLanguages(words: Iterable<string>): Language[] {
  const counts = new Map<Language, number>()
  for (const word of words) {
    for (const language of languagesOfSmallWord(word)) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  const ranked = [...counts].sort(([, a], [, b]) => b - a)
  const best = ranked[0]?.[1] ?? 0
  if (best === 0) return ['en']
  const close = ranked.filter(([, count]) => count >= best * share)
  return close.slice(0, most).map(([language]) => language)
}
