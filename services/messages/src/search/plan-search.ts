import type { messagesApi, RouteQuery } from '@finnigram/contracts'
import { flagLetters, senderLetters, stemMark } from './index-document.ts'
import { isLatin, type Language, languagesOf } from './languages.ts'
import { gramSet, type Ngram, wholeGram } from './ngrams.ts'
import type { Term } from './parse-query.ts'
import type { Stemmer } from './stemmer.ts'

/** A term with everything that counts as it. */
export interface PlannedTerm extends Term {
  /** Stems of the word by language. */
  stems: ReadonlyMap<Language, ReadonlySet<string>>
  /** Any of these in a line is the term, too. */
  stemNeedles: StemNeedle[]
  /**
   * N-grams of a sealed block with the term: all of the first, or one of the second. Undefined: any
   * block.
   */
  grams: { all: Ngram[]; any: Ngram[] } | undefined
}

/**
 * A stem as in lines, and the Latin-script languages in whose blocks it counts. Undefined: in all.
 */
interface StemNeedle {
  needle: string
  languages: Language[] | undefined
}

/** A query in the form in which blocks and lines are searched. */
export interface SearchPlan {
  terms: PlannedTerm[]
  /** In the header of the lines; null where anything will do. */
  sender: string | null
  flags: string | null
  /** N-grams that a sealed block must have because of the header: one of each list. */
  headerGrams: Ngram[][]
}

/** N-grams asked of one term. More hardly narrow the result, and each costs a look-up. */
const mostGrams = 24

/** Plans a query. The stems of its words must have been learned. */
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
  // A stem that contains the whole word adds nothing to the word.
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

/** At most so many, evenly spread. */
function spread(grams: Ngram[]): Ngram[] {
  const step = Math.max(1, grams.length / mostGrams)
  return Array.from({ length: Math.min(grams.length, mostGrams) }, (_, i) => grams[Math.floor(i * step)] ?? 0)
}

/** One alternative of n-grams in a block: all of the first, and one of each list of the others. */
interface GramAlternative {
  all: Ngram[]
  any: Ngram[][]
}

/** Alternatives at most: each is a look-up in the index. */
const mostAlternatives = 8

/**
 * The n-grams of a sealed block with every term, as alternatives. Terms with too many are left to
 * the lines.
 */
export function gramAlternatives({ terms, headerGrams }: SearchPlan): GramAlternative[] {
  let alternatives: GramAlternative[] = [{ all: [], any: headerGrams }]
  const longestFirst = terms.toSorted((a, b) => b.needle.length - a.needle.length)
  for (const { grams } of longestFirst) {
    if (!grams) continue
    const { all, any } = grams
    const withWord = alternatives.map((alternative) => ({
      ...alternative,
      all: [...alternative.all, ...all],
    }))
    const withStem =
      any.length === 0
        ? []
        : alternatives.map((alternative) => ({ ...alternative, any: [...alternative.any, any] }))
    if (withWord.length + withStem.length <= mostAlternatives) alternatives = [...withWord, ...withStem]
  }
  return alternatives
}

/** Says of which terms a word is a form. */
export interface WordForms {
  /** Whether any term has other forms. */
  readonly isAny: boolean
  /**
   * The terms of which a learned word is a form in these languages, as bits. The first term is the
   * lowest.
   */
  termsOf(word: string, languages: readonly Language[]): number
}

/** Caches results for one search, because long messages repeat words. At most 32 terms. */
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
