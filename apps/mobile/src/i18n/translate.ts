const rightToLeftLetter =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u
const [leftToRightMark, isolate, endOfIsolate] = ['\u200e', '\u2068', '\u2069']

/** A text with `{name}` placeholders, or one text per plural category of `count` (CLDR). */
type Plural = { one?: string; few?: string; many?: string; two?: string; zero?: string; other: string }
export type Catalogue = Record<string, string | Plural>

type PlaceholderNames<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderNames<Rest>
  : never
type Forms<T> = T extends string ? T : T extends Plural ? NonNullable<T[keyof T & keyof Plural]> : never
type Names<T> = PlaceholderNames<Forms<T>> | (T extends string ? never : 'count')

/** The arguments of a text: one value per placeholder. */
export type TextArguments<T> = [Names<T>] extends [never]
  ? []
  : [values: { [Name in Names<T>]: Name extends 'count' ? number : string | number }]

/** Creates a function that fills a text's placeholders; numbers are formatted for the locale. */
export function createTranslator<C extends Catalogue>(catalogue: C, locale: string) {
  const pluralOf = createPluralRule(locale)
  const numbers = new Intl.NumberFormat(locale)
  return <K extends keyof C>(key: K, ...[values]: TextArguments<C[K]>): string => {
    const entry: string | Plural = catalogue[key] ?? String(key)
    const filled: Record<string, string | number> = { ...values }
    const text = typeof entry === 'string' ? entry : (entry[pluralOf(Number(filled['count']))] ?? entry.other)
    const needsIsolates = Object.values(filled).some(isRightToLeft) && !isRightToLeft(text)
    const translated = text.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = filled[name]
      if (typeof value === 'number') return numbers.format(value)
      return needsIsolates && isRightToLeft(value) ? isolate + value + endOfIsolate : (value ?? place)
    })
    return needsIsolates ? leftToRightMark + translated : translated
  }
}

/**
 * A right-to-left name would reverse the sentence, so it is isolated (UAX #9). Browsers look into
 * isolates for a text's direction, so a mark sets it first.
 */
const isRightToLeft = (value: string | number | undefined): value is string =>
  typeof value === 'string' && rightToLeftLetter.test(value)

/** Hermes lacks `Intl.PluralRules`; the fallback is right for English. */
function createPluralRule(locale: string): (count: number) => Intl.LDMLPluralRule {
  if (Intl.PluralRules === undefined) return (count) => (count === 1 ? 'one' : 'other')
  const rules = new Intl.PluralRules(locale)
  return (count) => rules.select(count)
}
