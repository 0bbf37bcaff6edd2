import { expect, test } from 'vitest'
import { createTranslator } from './translate.ts'

const catalogue = {
  hello: 'Hello {name}',
  plain: 'Chats',
  members: { one: '{count} member', other: '{count} members' },
} as const

test('placeholders are filled and plurals follow the language', () => {
  const t = createTranslator(catalogue, 'en')
  expect(t('plain')).toBe('Chats')
  expect(t('hello', { name: 'Ada' })).toBe('Hello Ada')
  expect(t('members', { count: 1 })).toBe('1 member')
  expect(t('members', { count: 1200 })).toBe('1,200 members')
})

test('a category that a catalogue lacks falls back to "other"', () => {
  const t = createTranslator(catalogue, 'pl')
  expect(t('members', { count: 3 })).toBe('3 members')
})

test('a value with braces is never taken for a placeholder', () => {
  const t = createTranslator(catalogue, 'en')
  expect(t('hello', { name: '{name}' })).toBe('Hello {name}')
})

test('a right-to-left name does not reverse the sentence', () => {
  const t = createTranslator({ joined: '{name} joined', named: '{name} named it {title}' } as const, 'en')
  expect(t('joined', { name: 'علی‌رضا' })).toBe('\u200e\u2068علی‌رضا\u2069 joined')
  expect(t('named', { name: 'Ada', title: 'טיול' })).toBe('\u200eAda named it \u2068טיול\u2069')
  expect(t('joined', { name: '김철수' })).toBe('김철수 joined')
  const hebrew = createTranslator({ joined: '{name} הצטרף' } as const, 'he')
  expect(hebrew('joined', { name: 'דוד' })).toBe('דוד הצטרף')
})
