import { localProblem, NetworkProblem } from '@finnigram/client'
import { expect, test } from 'vitest'
import { en } from '../i18n/en.ts'
import { problemWords } from './problem-words.ts'

test('what went wrong is told by what the person can do about it', () => {
  expect(problemWords(new NetworkProblem('timeout'))).toBe('problemNetwork')
  expect(problemWords(localProblem('invalid_credentials'))).toBe('problemCredentials')
  expect(problemWords(localProblem('rate_limited'))).toBe('problemRateLimited')
  expect(problemWords(localProblem('unavailable'))).toBe('problemUnavailable')
})

test('anything unforeseen has a sentence too', () => {
  expect(en[problemWords(localProblem('internal'))]).toBe('That did not work. Try again.')
  expect(problemWords('not even an error')).toBe('problemUnknown')
})
