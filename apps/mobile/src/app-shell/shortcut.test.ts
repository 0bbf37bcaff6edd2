import { expect, test } from 'vitest'
import { shortcutOf } from './shortcut.ts'

const press = (key: string, held: Partial<Parameters<typeof shortcutOf>[0]> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})

test('find works with Ctrl and with ⌘', () => {
  expect(shortcutOf(press('k', { ctrlKey: true }), true)).toBe('find')
  expect(shortcutOf(press('K', { metaKey: true }), false)).toBe('find')
  expect(shortcutOf(press('k'), false)).toBeUndefined()
  expect(shortcutOf(press('k', { ctrlKey: true, shiftKey: true }), false)).toBeUndefined()
})

test('Alt with an arrow switches the conversation', () => {
  expect(shortcutOf(press('ArrowDown', { altKey: true }), true)).toBe('next')
  expect(shortcutOf(press('ArrowUp', { altKey: true }), true)).toBe('previous')
  expect(shortcutOf(press('ArrowUp'), true)).toBeUndefined()
})

test('Esc leaves the chat, unless a field is focused', () => {
  expect(shortcutOf(press('Escape'), false)).toBe('leave')
  expect(shortcutOf(press('Escape'), true)).toBeUndefined()
})

test('a question mark shows the shortcuts, unless the person is typing', () => {
  expect(shortcutOf(press('?', { shiftKey: true }), false)).toBe('keys')
  expect(shortcutOf(press('?', { shiftKey: true }), true)).toBeUndefined()
})
