import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { type Gram, gramSet, wholeGram } from './grams.ts'
import { isLatin, type Language, languagesOf } from './languages.ts'
import type { Term } from './parse-query.ts'
import { flagLetters, senderLetters, stemMark } from './search-line.ts'
import type { Stemmer } from './stemmer.ts'

/** A term with everything that counts as it. */
export interface PlannedTerm extends Term {
  /** Stems of the word by language. */
  stems: ReadonlyMap<Language, ReadonlySet<string>>
  /** Besides the needle, any of these in a line is the term. */
  stemNeedles: StemNeedle[]
  /** What a full block must have: all of the first, or one of the second. Undefined where every block may have it. */
  grams: { all: Gram[]; any: Gram[] } | undefined
}

/** A stem as it stands in lines, and the languages in Latin letters in whose blocks it counts; undefined where it counts in all. */
interface StemNeedle {
  needle: string
  languages: Language[] | undefined
}

/** A search as blocks and lines are asked. */
export interface SearchPlan {
  terms: PlannedTerm[]
  /** In the header of the lines; null where anything will do. */
  sender: string | null
  flags: string | null
  /** Grams that a full block must have because of the header: one of each list. */
  headerGrams: Gram[][]
}

/** Grams asked of one term: more find no fewer blocks, and each costs a look. */
const mostGrams = 24

/** The plan of a query. The forms of its words must have been learned. */
export function planSearch(
  terms: readonly Term[],
  {
    from,
    has,
    stemmer,
  }: Pick<RouteQuery<typeof messagesApi.searchMessages>, 'from' | 'has'> & { stemmer: Stemmer },
): SearchPlan {
  const sender = from === undefined ? null : senderLetters(from)
  const flags = has === undefined ? null : flagLetters[has]
  return {
    terms: terms.map((term) => planTerm(term, stemmer)),
    sender,
    flags,
    headerGrams: [
      ...(sender === null ? [] : [[wholeGram('sender', sender)]]),
      ...(flags === null ? [] : [Array.from(flags, (flag) => wholeGram('has', flag))]),
    ],
  }
}

function planTerm(term: Term, stemmer: Stemmer): PlannedTerm {
  const stems = new Map<Language, Set<string>>()
  const { word } = term
  for (const language of word === undefined ? [] : languagesOf(word)) {
    const known = stemmer.stemsOf(word ?? '', language)
    if (known.length > 0) stems.set(language, new Set(known))
  }
  const languagesOfStem = new Map<string, Language[]>()
  for (const [language, known] of stems) {
    for (const stem of known) languagesOfStem.set(stem, [...(languagesOfStem.get(stem) ?? []), language])
  }
  // A stem with the whole word in it says nothing that the word does not.
  const telling = [...languagesOfStem].filter(([stem]) => !stem.includes(term.needle))
  const all = spread([...gramSet(term.needle)])
  return {
    ...term,
    stems,
    stemNeedles: telling.map(([stem, languages]) => ({
      needle: stemMark + stem + stemMark,
      languages: languages.some(isLatin) ? languages : undefined,
    })),
    grams: all.length === 0 ? undefined : { all, any: telling.map(([stem]) => wholeGram('stem', stem)) },
  }
}

/** At most so many, from all over. */
function spread(grams: Gram[]): Gram[] {
  const step = Math.max(1, grams.length / mostGrams)
  return Array.from({ length: Math.min(grams.length, mostGrams) }, (_, i) => grams[Math.floor(i * step)] ?? 0)
}
