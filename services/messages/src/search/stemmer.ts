import type pg from 'pg'
import { dictionaryOf, type Language, languagesOf } from './languages.ts'
import { searchableText, wordMark } from './searchable-text.ts'

/** A pool, or a connection in the middle of a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>

/** Finds the stems of words with PostgreSQL's Snowball dictionaries, and caches them. */
export interface Stemmer {
  /**
   * Looks up the words that are not cached, in the languages they may be of. Words in Latin letters
   * are looked up in the given languages, or in all.
   */
  learn(db: Database, words: Iterable<string>, latin?: readonly Language[]): Promise<void>
  /** The folded stems of a learned word, as written and without accents. Stop words have none. */
  stemsOf(word: string, language: Language): readonly string[]
}

export interface WithStemmer {
  readonly stemmer: Stemmer
}

const learnable = /^\p{L}[\p{L}\p{M}]{1,39}$/u
/** Words of one generation. Words used since the generation before last stay cached. */
const generationSize = 50_000
const askedAtOnce = 2000
const none: readonly string[] = []

/** Stems by language and word. A key of both would have to be built for each look-up. */
type Stems = Map<Language, Map<string, readonly string[]>>

/** The map of a language, created on demand. */
function ofLanguage(stems: Stems, language: Language): Map<string, readonly string[]> {
  const own = stems.get(language) ?? new Map<string, readonly string[]>()
  if (own.size === 0) stems.set(language, own)
  return own
}

export function createStemmer(): Stemmer {
  let young: Stems = new Map()
  let old = young
  let count = 0
  const keep = (language: Language, word: string, stems: readonly string[]) => {
    ofLanguage(young, language).set(word, stems)
    count += 1
  }
  const find = (word: string, language: Language) => {
    const stems = young.get(language)?.get(word)
    if (stems) return stems
    const older = old.get(language)?.get(word)
    if (older) keep(language, word, older)
    return older
  }
  return {
    async learn(db, words, latin) {
      const unknown = new Map<Language, Set<string>>()
      for (const word of words) {
        for (const language of languagesOf(word, latin)) {
          if (find(word, language) || !learnable.test(word)) continue
          const own = unknown.get(language)
          if (own) own.add(word)
          else unknown.set(language, new Set([word]))
        }
      }
      if (count > generationSize) {
        old = young
        young = new Map()
        count = 0
      }
      for (const [language, own] of unknown) {
        const asked = [...own]
        for (let i = 0; i < asked.length; i += askedAtOnce) {
          const some = asked.slice(i, i + askedAtOnce)
          const stems = await ask(db, { language, words: some })
          for (const [place, word] of some.entries()) keep(language, word, stems[place] ?? none)
        }
      }
    },
    stemsOf: (word, language) => find(word, language) ?? none,
  }
}

const plain = /^[a-z0-9]*$/

/** A word without its accents. */
export const withoutAccents = (word: string): string =>
  plain.test(word) ? word : searchableText(word).replaceAll(wordMark, '')

interface Asked {
  language: Language
  words: readonly string[]
}

/**
 * The folded stems of each word: as it is written and, where that is another, without its accents.
 */
async function ask(db: Database, { language, words }: Asked): Promise<(readonly string[])[]> {
  const bare = words.map(withoutAccents)
  const others = bare.filter((word, i) => word !== words[i])
  const stems = await lexize(db, { language, words: [...words, ...others] })
  let at = words.length
  return words.map((word, i) => {
    const written = stems[i] ?? ''
    return toStems(written, bare[i] === word ? written : (stems[at++] ?? ''))
  })
}

function toStems(written: string, bare: string): readonly string[] {
  if (bare === written) return written === '' ? none : [withoutAccents(written)]
  // A stop word has no stem, with or without its accents.
  return written === '' && bare === '' ? none : [...new Set([written, bare].flatMap(foldedStem))]
}

const foldedStem = (stem: string) => (stem === '' ? [] : withoutAccents(stem))

/**
 * The stems of words, in the same order; empty for those that have none. A dictionary is looked up
 * once, and words and stems travel as two long texts: neither has a space in it.
 */
async function lexize(db: Database, { language, words }: Asked): Promise<string[]> {
  const { rows } = await db.query<{ stems: string | null }>({
    name: 'stem-words-together',
    text: `SELECT string_agg(coalesce((ts_lexize(d.dictionary, word))[1], ''), ' ' ORDER BY place) AS stems
FROM (SELECT $1::regdictionary AS dictionary OFFSET 0) d, string_to_table($2, ' ') WITH ORDINALITY AS asked (word, place)`,
    values: [dictionaryOf(language), words.join(' ')],
  })
  return rows[0]?.stems?.split(' ') ?? []
}
