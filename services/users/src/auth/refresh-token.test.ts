import { expect, test } from 'vitest'
import {
  formatRefreshToken,
  newRefreshToken,
  newSuccessorSalt,
  parseRefreshToken,
  successorOf,
} from './refresh-token.ts'

test('a token survives being written and read', () => {
  const token = newRefreshToken()
  expect(parseRefreshToken(formatRefreshToken(token))).toEqual(token)
})

test('the successor is the same for the same salt and another for another', () => {
  const token = newRefreshToken()
  const salt = newSuccessorSalt()
  expect(successorOf(token, salt)).toEqual(successorOf(token, salt))
  expect(successorOf(token, salt)).not.toEqual(successorOf(token, newSuccessorSalt()))
  expect(successorOf(token, salt).family).toEqual(token.family)
})

test.each([
  '',
  'x',
  'a'.repeat(63),
  'a'.repeat(65),
  `${'a'.repeat(63)}=`,
  `${'a'.repeat(63)} `,
  'é'.repeat(64),
])('%j is no token', (text) => {
  expect(parseRefreshToken(text)).toBeUndefined()
})
