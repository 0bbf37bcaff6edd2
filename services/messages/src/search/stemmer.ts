import type pg from 'pg'
import { dictionaryOf, type Language, languagesOf } from './languages.ts'
import { searchableText, wordMark } from './searchable-text.ts'

/** A pool, or a connection in the middle of a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>

/** Takes words to their stems with PostgreSQL's Snowball dictionaries, and remembers them. */
export interface Stemmer {
  /** Asks for those of the words that are not known yet, in the languages they may be of: of those in Latin letters the given ones, or all. */
  learn(db: Database, words: Iterable<string>, latin?: readonly Language[]): Promise<void>
  /** The folded stems of a word that was learned, as it is written and without its accents; none of the small words that say nothing. */
  stemsOf(word: string, language: Language): readonly string[]
}

const learnable = /^\p{L}[\p{L}\p{M}]{1,39}$/u
/** Words of one generation: those asked for since the generation before last are kept. */
const generationSize = 50_000
const askedAtOnce = 2000
const none: readonly string[] = []

interface Asked {
  key: string
  word: string
  language: Language
}

export function createStemmer(): Stemmer {
  let young = new Map<string, readonly string[]>()
  let old = young
  const find = (key: string) => {
    const stems = young.get(key)
    if (stems) return stems
    const older = old.get(key)
    if (older) young.set(key, older)
    return older
  }
  return {
    async learn(db, words, latin) {
      const unknown = new Map<string, Asked>()
      for (const word of words) {
        for (const language of languagesOf(word, latin)) {
          const key = `${language}${word}`
          if (!find(key) && learnable.test(word)) unknown.set(key, { key, word, language })
        }
      }
      if (young.size + unknown.size > generationSize) {
        old = young
        young = new Map()
      }
      const asked = [...unknown.values()]
      for (let i = 0; i < asked.length; i += askedAtOnce) {
        for (const [key, stems] of await ask(db, asked.slice(i, i + askedAtOnce))) young.set(key, stems)
      }
    },
    stemsOf: (word, language) => find(`${language}${word}`) ?? none,
  }
}

/** A word without its accents. */
export const withoutAccents = (word: string): string => searchableText(word).replaceAll(wordMark, '')

async function ask(db: Database, asked: readonly Asked[]): Promise<Map<string, string[]>> {
  const { rows } = await db.query<{ written: string | null; plain: string | null }>({
    name: 'stem-words',
    text: `SELECT (ts_lexize(dictionary::regdictionary, written))[1] AS written,
  CASE WHEN plain <> written THEN (ts_lexize(dictionary::regdictionary, plain))[1] END AS plain
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (dictionary, written, plain, place)
ORDER BY place`,
    values: [
      asked.map(({ language }) => dictionaryOf(language)),
      asked.map(({ word }) => word),
      asked.map(({ word }) => withoutAccents(word)),
    ],
  })
  return new Map(
    asked.map(({ key }, i) => {
      const stems = [rows[i]?.written, rows[i]?.plain].flatMap((stem) => (stem ? withoutAccents(stem) : []))
      return [key, [...new Set(stems)]]
    }),
  )
}
