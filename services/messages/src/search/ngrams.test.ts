import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramSet } from './ngrams.ts'
import { parseQuery } from './parse-query.ts'
import { searchableText } from './searchable-text.ts'

const texts = fc.string({
  unit: fc.constantFrom(...'abc éÉß1_-.😀👍東京かカ가나ไทя'),
  minLength: 1,
  maxLength: 30,
})

test('whatever is in a text has no gram that the text has not', () => {
  fc.assert(
    fc.property(texts, texts, texts, (before, part, after) => {
      const whole = gramSet(searchableText(before + part + after))
      for (const { needle } of [...parseQuery(part), ...parseQuery(`"${part}"`)]) {
        if (!searchableText(before + part + after).includes(needle)) continue
        for (const gram of gramSet(needle)) expect(whole).toContain(gram)
      }
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['one letter that begins a word', 'k', 'the key', 'bike'],
  ['two letters that begin a word', 'ke', 'the key', 'bike'],
  ['three letters anywhere', 'ike', 'bike', 'bake'],
  ['one Chinese character', '京', '东京', '东方'],
  ['two Chinese characters', '东京', '去东京', '京东'],
  ['an emoji', '🎉', 'a🎉b', 'a😀b'],
])('%s can be told by its grams', (_, q, there, elsewhere) => {
  const [term] = parseQuery(q)
  const grams = gramSet(term?.needle ?? '')
  const isIn = (text: string) => grams.isSubsetOf(gramSet(searchableText(text)))
  expect([isIn(there), isIn(elsewhere)]).toEqual([true, false])
})

test('grams are what PostgreSQL keeps as smallint', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const gram of gramSet(searchableText(text))) expect(gram).toBe(new Int16Array([gram])[0])
    }),
  )
})
