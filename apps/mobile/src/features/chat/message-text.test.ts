import { expect, test } from 'vitest'
import {
  directionClosers,
  foldText,
  isEmojiOnly,
  readsRightToLeft,
  splitIntoParts,
  splitText,
} from './message-text.ts'

test('links and mentions become parts, and the parts join to the text', () => {
  const text = 'Hi @ada, see (https://a.example/x). @ben and ada@b.example are elsewhere, @all'
  const cuts = splitIntoParts(text, ['ada', 'all'])
  expect(cuts.flatMap(({ href }) => href ?? [])).toEqual(['https://a.example/x'])
  expect(cuts.filter(({ isMention }) => isMention).map((cut) => cut.text)).toEqual(['@ada', '@all'])
  expect(cuts.map((cut) => cut.text).join('')).toBe(text)
  expect(cuts.every((cut) => text.startsWith(cut.text, cut.start))).toBe(true)
})

test('one to three emoji show large, anything more is text', () => {
  for (const text of ['👍', '👩‍👩‍👧‍👦', '🇫🇮', '❤️ 🔥', '👋🏽', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤‍🔥', '☝🏽', '☎️', '©️', '🏳️‍🌈', '⌚'])
    expect(isEmojiOnly(text), text).toBe(true)
  for (const text of ['ok 👍', '', '123', '👍👍👍👍', '#', '©', '™', '☎', '®', '❤', 'ℹ', '↔', '☎︎', '🇫'])
    expect(isEmojiOnly(text), text).toBe(false)
})

test('the first letter decides the direction', () => {
  expect(readsRightToLeft('123 שלום')).toBe(true)
  expect(readsRightToLeft('مرحبا hello')).toBe(true)
  expect(readsRightToLeft('hello مرحبا')).toBe(false)
  expect(readsRightToLeft('👍')).toBe(false)
})

test.each([
  ['plain', ''],
  ['\u202Ereversed', '\u202C'],
  ['\u202Ereversed\u202C', ''],
  ['\u2067a\u202Bb', '\u202C\u2069'],
  ['\u202Ba\u2067b\u202C', '\u2069\u202C'],
  ['\u202Efirst line\nsecond', ''],
  ['\u202C\u2069', ''],
])('directions that %j leaves open are closed before its time', (text, closers) => {
  expect(directionClosers(text)).toBe(closers)
})

test('a long text is folded at a line or a space, never inside a grapheme', () => {
  expect(foldText('short')).toBeUndefined()
  expect(foldText('line\n'.repeat(30))).toBeUndefined()
  expect(foldText(`${'line\n'.repeat(1500)}end`)?.split('\n')).toHaveLength(30)
  const words = foldText('word '.repeat(1600))
  expect(words?.length).toBeLessThanOrEqual(1800)
  expect(words?.endsWith('word')).toBe(true)
  const family = '👨‍👩‍👧‍👦'
  const families = foldText(family.repeat(500)) ?? ''
  expect(families.length).toBeGreaterThan(1700)
  expect(families.replaceAll(family, '')).toBe('')
})

test('a text too long for one message is split without loss', () => {
  expect(splitText('  hello ', 8000)).toEqual(['hello'])
  const words = `${'word '.repeat(1700)}end`
  const parts = splitText(words, 8000)
  expect(parts.map(({ length }) => length <= 8000)).toEqual([true, true])
  expect(parts.join(' ')).toBe(words)
  const lines = Array.from({ length: 900 }, (_, i) => `line ${i} of a long list`).join('\n')
  expect(splitText(lines, 8000).join('\n')).toBe(lines)
  const emoji = '👩🏽‍💻'.repeat(3000)
  const pictures = splitText(emoji, 8000)
  expect(pictures.join('')).toBe(emoji)
  expect(pictures.every((part) => part.replaceAll('👩🏽‍💻', '') === '')).toBe(true)
})
