import { expect, test } from 'vitest'
import { findLinks } from './find-links.ts'
import { isEmojiOnly } from './is-emoji-only.ts'
import { readsRightToLeft } from './reads-right-to-left.ts'

const links = (text: string) => findLinks(text).flatMap(({ href }) => (href === undefined ? [] : [href]))

test('links are found inside sentences, without the punctuation around them', () => {
  expect(links('See https://a.example/x?y=1#z. And (www.b.example)!')).toEqual([
    'https://a.example/x?y=1#z',
    'https://www.b.example',
  ])
  expect(links('https://en.example/wiki/Fin_(shark), nice')).toEqual(['https://en.example/wiki/Fin_(shark)'])
  expect(links('on http://localhost:8080/c/1')).toEqual(['http://localhost:8080/c/1'])
})

test('what only looks like a link stays text', () => {
  expect(links('https:// www. javascript:alert(1) ftp://a.example a.b http://user@evil')).toEqual([])
})

test('the parts put together are the text', () => {
  const text = 'a  https://a.example,\n\nb (https://c.example/d) e'
  expect(
    findLinks(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text)
})

test('a hostile text takes no longer than its length', () => {
  const begun = performance.now()
  findLinks(`https://a.example/${'('.repeat(4000)}${')'.repeat(4000)}`)
  findLinks('www.'.repeat(2000))
  findLinks('http://'.repeat(1200))
  isEmojiOnly('👍'.repeat(4000))
  isEmojiOnly('👍‍'.repeat(33))
  expect(performance.now() - begun).toBeLessThan(200)
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
