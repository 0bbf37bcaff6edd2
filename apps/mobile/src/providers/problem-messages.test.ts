import { localProblem, NetworkProblem } from '@finnigram/client'
import { errorCodes } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { en } from '../i18n/en.ts'
import { problemWords } from './problem-messages.ts'

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

test('each reason of the server has a short sentence, and another where that is clearer', () => {
  const sentences = errorCodes.map((code) => en[problemWords(localProblem(code))])
  expect(sentences.filter((text) => text.length > 90)).toEqual([])
  const unsaid = errorCodes.filter((code) => problemWords(localProblem(code)) === 'problemUnknown')
  expect(unsaid).toEqual(['range_not_satisfiable', 'internal'])
  expect(problemWords(localProblem('conflict'), { conflict: 'problemGroupFull' })).toBe('problemGroupFull')
})
