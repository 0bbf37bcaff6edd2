import type { MessageView } from '@finnigram/client'
import { MessageText, type Problem, toProblem } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { en } from '../../i18n/en.ts'
import { sendFailureMessage } from './send-failure.ts'

type Failed = Extract<MessageView, { localState: 'failed' | 'saving' | 'waiting' }>

const wordsFor = (problem: Problem | undefined) => {
  const { message: words, remedy } = sendFailureMessage({ problem } as Failed)
  return [en[words], remedy]
}
const refused = (code: Problem['code'], errors?: { path: string; message: string }[]) =>
  wordsFor(toProblem(code, { requestId: 'r', errors }))
/** What the server answers to this text, by the same schema. */
const refusedText = (text: string) =>
  refused(
    'validation_failed',
    MessageText.safeParse(text).error?.issues.map(({ message }) => ({ path: 'body.text', message })),
  )

test('an invalid text has its reason and can be edited', () => {
  expect(refusedText('x'.repeat(8001))).toEqual([en.failedLong, 'edit'])
  expect(refusedText('😀'.repeat(8001))).toEqual([en.failedLong, 'edit'])
  expect(refusedText(`a${'\u0336\u0347'.repeat(20)}`)).toEqual([en.failedMarks, 'edit'])
  expect(refusedText('\u200b')).toEqual([en.failedEmpty, 'edit'])
  expect(refused('payload_too_large')).toEqual([en.failedLong, 'edit'])
})

test('a failure without remedy offers none', () => {
  expect(refused('not_found')).toEqual([en.failedGone, 'none'])
  expect(refused('forbidden')).toEqual([en.failedForbidden, 'none'])
})

test('an unknown failure can be retried', () => {
  expect(refused('internal')).toEqual([en.failedUnknown, 'retry'])
  expect(wordsFor(undefined)).toEqual([en.failedUnknown, 'retry'])
})
