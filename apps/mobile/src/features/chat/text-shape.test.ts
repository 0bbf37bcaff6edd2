import { expect, test } from 'vitest'
import { cutText } from './cut-text.ts'
import { isEmojiOnly } from './is-emoji-only.ts'
import { readsRightToLeft } from './reads-right-to-left.ts'

test('links and those who are mentioned are set off, and the parts put together are the text', () => {
  const text = 'Hi @ada, see (https://a.example/x). @ben and ada@b.example are elsewhere, @all'
  const cuts = cutText(text, ['ada', 'all'])
  expect(cuts.flatMap(({ href }) => href ?? [])).toEqual(['https://a.example/x'])
  expect(cuts.filter(({ isMention }) => isMention).map((cut) => cut.text)).toEqual(['@ada', '@all'])
  expect(cuts.map((cut) => cut.text).join('')).toBe(text)
  expect(cuts.every((cut) => text.startsWith(cut.text, cut.start))).toBe(true)
})

test('one to three emoji are large, anything more is text', () => {
  for (const text of ['👍', '👩‍👩‍👧‍👦', '🇫🇮', '❤️ 🔥', '👋🏽', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'])
    expect(isEmojiOnly(text), text).toBe(true)
  for (const text of ['ok 👍', '', '123', '👍👍👍👍', '#']) expect(isEmojiOnly(text), text).toBe(false)
})

test('the direction is that of the first letter', () => {
  expect(readsRightToLeft('123 שלום')).toBe(true)
  expect(readsRightToLeft('مرحبا hello')).toBe(true)
  expect(readsRightToLeft('hello مرحبا')).toBe(false)
  expect(readsRightToLeft('👍')).toBe(false)
})
