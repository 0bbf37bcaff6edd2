/** The Latin-script languages with a stemmer, each with stop words that identify it. */
const latin = {
  da: [
    'danish',
    'og jeg det er ikke til en på med af den han har for du vi de som at et hvad kan men skal hvor fra også være blev dig mig noget efter',
  ],
  de: [
    'german',
    'in an und ich das ist nicht die der zu ein es mit sie wir auf den für du auch wie so dass aber was von dem sich im noch bei hat war wird oder nach eine haben sind',
  ],
  en: [
    'english',
    'a i in an the and you is to of it that for was not we are have this with on be but they what do so can there will my your me if at as she he his her from would',
  ],
  es: [
    'spanish',
    'que de no la el es en lo un por una se los con para mi está las más pero como te su del al si ya muy tengo este esto esta y hay qué nos',
  ],
  fi: [
    'finnish',
    'on ja ei se että en hän mutta mitä niin olen tämä ole kun nyt jos minä sinä oli voi siitä vain minun mikä kuin sitä olet',
  ],
  fr: [
    'french',
    'je de est pas le vous la que les et un une il ne des en ce pour dans qui mais nous au du avec sur on tu plus elle suis sont cette par ou être',
  ],
  hu: [
    'hungarian',
    'a az nem hogy és egy ez de van meg is csak ha mit azt mi már kell vagy ki én te jól még volt lesz itt most',
  ],
  it: [
    'italian',
    'che di non è la il un per in una sono mi ho lo ma si con le ti cosa come se da del ci questo hai bene della al gli anche più',
  ],
  nl: [
    'dutch',
    'de ik het een en je dat is van niet we in te op zijn met voor maar ook er wat die heb aan mij was hij om naar dit kan nog wel bij ze als',
  ],
  no: [
    'norwegian',
    'og jeg det er ikke til en på med av den han har for du vi de som at et hva kan men skal hvor fra også være ble deg meg noe etter bare',
  ],
  pt: [
    'portuguese',
    'que não o de a eu é um uma para você se os do com em por isso mas da como está na mais no me as ele ela foi muito tem bem estou são nós',
  ],
  sv: [
    'swedish',
    'och jag det är inte till en på med av den han har för du vi de som att ett vad kan men ska var från också vara blev dig mig något efter bara',
  ],
  tr: [
    'turkish',
    've bir bu ne ben için mi da de çok var ama değil sen o gibi daha evet hayır ile her şey kadar biz onu bana',
  ],
} as const
const others = { ar: 'arabic', el: 'greek', hi: 'hindi', ru: 'russian' } as const

export type Language = keyof typeof latin | keyof typeof others

const latinLanguages = Object.keys(latin) as (keyof typeof latin)[]

/** PostgreSQL's stemming dictionary of a language. */
export const dictionaryOf = (language: Language): string =>
  `${language in latin ? latin[language as keyof typeof latin][0] : others[language as keyof typeof others]}_stem`

const languagesByStopWord = new Map<string, Language[]>()
for (const language of latinLanguages) {
  for (const word of latin[language][1].split(' ')) {
    languagesByStopWord.set(word, [...(languagesByStopWord.get(word) ?? []), language])
  }
}

/** The languages in which this is a stop word. */
const languagesOfStopWord = (word: string): readonly Language[] => languagesByStopWord.get(word) ?? []

/** A word in Latin script may be of any of these languages. Only stop words tell which. */
export const isLatin = (language: Language): boolean => language in latin

const none: readonly Language[] = []
const byScript: readonly [RegExp, readonly Language[]][] = [
  [/^\p{Script=Latin}/u, latinLanguages],
  [/^\p{Script=Cyrillic}/u, ['ru']],
  [/^\p{Script=Greek}/u, ['el']],
  [/^\p{Script=Arabic}/u, ['ar']],
  [/^\p{Script=Devanagari}/u, ['hi']],
]

/**
 * The languages of a word by the script of its first letter. For Latin script, the given ones or
 * all.
 */
export function languagesOf(
  word: string,
  amongLatin: readonly Language[] = latinLanguages,
): readonly Language[] {
  const first = word.charCodeAt(0)
  if (first >= 0x61 && first <= 0x7a) return amongLatin
  const found = byScript.find(([script]) => script.test(word))?.[1] ?? none
  return found === latinLanguages ? amongLatin : found
}

/**
 * A language with this share of the best one's stop words counts, too: people mix languages, and
 * some are close.
 */
const closeShare = 0.7
const mostDetected = 3

/**
 * Detects the Latin-script languages of words by their stop words ("the", "und", "les"). English
 * without any.
 */
export function detectLanguages(words: Iterable<string>): Language[] {
  const counts = new Map<Language, number>()
  for (const word of words) {
    for (const language of languagesOfStopWord(word)) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  const ranked = [...counts].sort(([, a], [, b]) => b - a)
  const best = ranked[0]?.[1] ?? 0
  if (best === 0) return ['en']
  const close = ranked.filter(([, count]) => count >= best * closeShare)
  return close.slice(0, mostDetected).map(([language]) => language)
}
