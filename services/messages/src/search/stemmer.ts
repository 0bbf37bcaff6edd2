import type pg from 'pg'
import { dictionaries, type Language, languagesOf } from './languages.ts'
import { searchableText, wordMark } from './searchable-text.ts'

/** A pool, or a connection in the middle of a transaction. */
type Database = Pick<pg.ClientBase, 'query'>

/** What is known of a word as it is written, in small letters. */
export interface WordForms {
  /** Its stem, folded, in each language it may be of; none where it is one of the small words that say nothing. */
  stems: ReadonlyMap<Language, string>
  /** Where it is such a small word. */
  smallIn: readonly Language[]
}

/** Takes words to their stems with PostgreSQL's Snowball dictionaries, and remembers them. */
export interface Stemmer {
  /** Asks for the words that are not known yet. */
  learn(db: Database, words: Iterable<string>): Promise<void>
  /** The forms of a word that was learned. */
  formsOf(word: string): WordForms
}

const nothing: WordForms = { stems: new Map(), smallIn: [] }
const learnable = /^\p{L}[\p{L}\p{M}]{0,39}$/u
const mostRemembered = 100_000
const askedAtOnce = 1000

const languages = Object.keys(dictionaries) as Language[]
const select = `SELECT word, ${languages
  .map(
    (language) =>
      `CASE WHEN '${language}' = ANY(string_to_array(may, ' ')) THEN ts_lexize('${dictionaries[language]}_stem', word) END AS "${language}"`,
  )
  .join(', ')}
FROM unnest($1::text[], $2::text[]) AS asked (word, may)`

export function createStemmer(): Stemmer {
  let known = new Map<string, WordForms>()
  return {
    async learn(db, words) {
      const unknown = [...new Set(words)].filter((word) => !known.has(word) && learnable.test(word))
      if (known.size + unknown.length > mostRemembered) known = new Map()
      for (let i = 0; i < unknown.length; i += askedAtOnce) {
        for (const [word, forms] of await ask(db, unknown.slice(i, i + askedAtOnce))) known.set(word, forms)
      }
    },
    formsOf: (word) => known.get(word) ?? nothing,
  }
}

type Answer = { word: string } & Record<Language, string[] | null>

async function ask(db: Database, words: string[]): Promise<[string, WordForms][]> {
  const { rows } = await db.query<Answer>({
    name: 'stem-words',
    text: select,
    values: [words, words.map((word) => languagesOf(word).join(' '))],
  })
  return rows.map((answer) => [answer.word, toForms(answer)])
}

function toForms(answer: Answer): WordForms {
  const stems = new Map<Language, string>()
  const smallIn: Language[] = []
  for (const language of languages) {
    const stem = answer[language]
    if (stem?.length === 0) smallIn.push(language)
    else if (stem?.[0]) stems.set(language, searchableText(stem[0]).replaceAll(wordMark, ''))
  }
  return { stems, smallIn }
}
