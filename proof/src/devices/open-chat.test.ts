import type { MessageView } from '@finnigram/client'
import { expect, test } from 'vitest'
import { glitchesIn } from './open-chat.ts'

const item = (id: string, seq: number | null) => ({ id, seq }) as MessageView

test('a list in order, with waiting messages at its end, is as it should be', () => {
  expect(glitchesIn([item('a', 4), item('b', 5), item('c', null)])).toEqual([])
})

test('a message that is shown twice or out of order is reported', () => {
  expect(glitchesIn([item('a', 4), item('a', null)])).toEqual(['message a is shown twice'])
  expect(glitchesIn([item('a', 5), item('b', 4)])).toEqual(['seq 4 is shown after 5'])
})
