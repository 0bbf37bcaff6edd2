import { localProblem, NetworkProblem } from '@finnigram/client'
import { errorCodes } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { en } from '../i18n/en.ts'
import { problemMessage } from './problem-messages.ts'

test('an error maps to a message that says what the person can do', () => {
  expect(problemMessage(new NetworkProblem('timeout'))).toBe('problemNetwork')
  expect(problemMessage(localProblem('invalid_credentials'))).toBe('problemCredentials')
  expect(problemMessage(localProblem('rate_limited'))).toBe('problemRateLimited')
  expect(problemMessage(localProblem('unavailable'))).toBe('problemUnavailable')
})

test('an unknown error has a message, too', () => {
  expect(en[problemMessage(localProblem('internal'))]).toBe('That did not work. Try again.')
  expect(problemMessage('not even an error')).toBe('problemUnknown')
})

test('each error code has a short message, and another where that is clearer', () => {
  const sentences = errorCodes.map((code) => en[problemMessage(localProblem(code))])
  expect(sentences.filter((text) => text.length > 90)).toEqual([])
  const unsaid = errorCodes.filter((code) => problemMessage(localProblem(code)) === 'problemUnknown')
  expect(unsaid).toEqual(['range_not_satisfiable', 'internal'])
  expect(problemMessage(localProblem('conflict'), { conflict: 'problemGroupFull' })).toBe('problemGroupFull')
})
