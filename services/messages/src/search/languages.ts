/** The languages whose word forms are known, by script. All come with PostgreSQL. */
const latin = {
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  hu: 'hungarian',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  sv: 'swedish',
  tr: 'turkish',
} as const
const others = { ar: 'arabic', el: 'greek', hi: 'hindi', ru: 'russian' } as const

/** Name of the Snowball dictionary, without `_stem`, by language. */
export const dictionaries = { ...latin, ...others }
export type Language = keyof typeof dictionaries

const latinLanguages = Object.keys(latin) as Language[]
const byScript: readonly [RegExp, readonly Language[]][] = [
  [/^\p{Script=Latin}/u, latinLanguages],
  [/^\p{Script=Cyrillic}/u, ['ru']],
  [/^\p{Script=Greek}/u, ['el']],
  [/^\p{Script=Arabic}/u, ['ar']],
  [/^\p{Script=Devanagari}/u, ['hi']],
]

/** The languages a word may be of, by the script of its first letter. */
export const languagesOf = (word: string): readonly Language[] =>
  byScript.find(([script]) => script.test(word))?.[1] ?? []

/** Written in Latin letters, a text may be of any of these; only small words tell which. */
export const isLatin = (language: Language): boolean => language in latin
