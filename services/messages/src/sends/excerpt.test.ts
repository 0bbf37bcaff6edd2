import { expect, test, vi } from 'vitest'
import { excerptOf } from './excerpt.ts'

test('a short text is its own excerpt, on one line', () => {
  expect(excerptOf('hi')).toBe('hi')
  expect(excerptOf(' one\n\ttwo  three ')).toBe('one two three')
  expect(excerptOf('x'.repeat(140))).toBe('x'.repeat(140))
})

test('a long text is cut to 140 characters', () => {
  expect(excerptOf('x'.repeat(141))).toBe(`${'x'.repeat(139)}…`)
  expect(excerptOf('x'.repeat(8000))).toBe(`${'x'.repeat(139)}…`)
})

test('an emoji of several characters stays whole or goes', () => {
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'
  const excerpt = excerptOf(family.repeat(100))
  expect([...excerpt].length).toBeLessThanOrEqual(140)
  expect(excerpt).toBe(`${family.repeat(27)}…`)
})

test('only the beginning of a text is cut into characters, however long it is', () => {
  const segment = vi.spyOn(Intl.Segmenter.prototype, 'segment')
  expect([...excerptOf(`a${'\u0301'.repeat(7999)}`)].length).toBeLessThanOrEqual(140)
  expect(segment.mock.calls.map(([text]) => text.length)).toEqual([1120])
  segment.mockRestore()
})
