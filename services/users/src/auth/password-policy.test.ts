import { expect, test } from 'vitest'
import { isPersonalPassword } from './password-policy.ts'

const names = ['anna_smith', 'Anna Smith-Müller', 'a.smith@example.org', null, undefined]

test.each([
  'finnigram',
  'Finnigram2026!',
  'annasmith',
  'anna.smith1990',
  'SmithMüller!!',
  'example.org-1',
  'a.smith@example.org',
  'finnigram anna',
])('%s is little more than what everyone knows', (password) => {
  expect(isPersonalPassword(password, names)).toBe(true)
})

test.each([
  'correct horse battery',
  'anna likes horses',
  'finnigramophone',
  'gL8#kq2!xv',
  '!!!!!!!!',
  '12345678',
])('%s is more than that', (password) => {
  expect(isPersonalPassword(password, names)).toBe(false)
})
