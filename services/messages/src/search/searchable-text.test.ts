import { spellings } from '@finnigram/contracts/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseQuery } from './parse-query.ts'
import { searchableText, traceSearchableText } from './searchable-text.ts'

/** Letters, marks, scripts and spaces that are folded, left out, taken apart or put together. */
const hard = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom(
        'É',
        'ß',
        'ﬁ',
        'ﷺ',
        '½',
        '…',
        '’',
        '—',
        ' ',
        '\n',
        '\u00ad',
        '\u200d',
        'ｶﾞ',
        'ᄀ',
        'ᅡ',
        '가',
        'Σ',
        'İ',
        '👍🏽',
        '\ud800',
        'ー',
        '`',
      ),
    ),
  )
  .map((parts) => parts.join(''))

test.each([
  ['Hello,  World', '·hello, ·world'],
  ['one\n\ttwo', '·one ·two'],
  ['Foo_bar-baz', '·foo_·bar-·baz'],
  ['I don’t “know”', '·i ·don\'·t "·know"'],
  ['東京Tower', '東京·tower'],
  ['soft\u00adhyphen', '·softhyphen'],
  ['서울', '서울'],
  ['ラーメン', 'らーめん'],
])('%j is compared as %j', (text, searchable) => {
  expect(searchableText(text).replaceAll('\u0002', '·')).toBe(searchable)
})

test.each(spellings)('a message with %s is found by %s, and the other way round', (one, other) => {
  const finds = (query: string, text: string) =>
    parseQuery(query).every(({ needle }) => searchableText(text.normalize('NFC')).includes(needle))
  expect([finds(one, other), finds(other, one)]).toEqual([true, true])
})

test('a text is traced to the same searchable text, whatever is in it', () => {
  fc.assert(
    fc.property(hard, (text) => {
      expect(traceSearchableText(text).text).toBe(searchableText(text))
    }),
    { numRuns: 1000 },
  )
})

test('the way back leads to letters of the original, in order', () => {
  fc.assert(
    fc.property(hard, (original) => {
      const { text, starts, ends } = traceSearchableText(original)
      expect([starts.length, ends.length]).toEqual([text.length, text.length])
      let last = 0
      for (const [i, start] of starts.entries()) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(ends[i]).toBeLessThanOrEqual(original.length)
        last = start
      }
    }),
    { numRuns: 1000 },
  )
})

test('there is no capital letter and no line break in it, which lines are made with', () => {
  fc.assert(
    fc.property(hard, (text) => {
      expect(searchableText(text)).not.toMatch(/[A-Z\n\0]/)
    }),
    { numRuns: 1000 },
  )
})
