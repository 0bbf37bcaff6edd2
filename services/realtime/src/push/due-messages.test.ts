import { expect, test } from 'vitest'
import { groupDueMessages, toNewMessages } from './due-messages.ts'

const hold = (conversationId: string, seq: number) => ({
  stream: 's',
  id: `${seq}-0`,
  at: 0,
  conversationId,
  seq,
})
const count = (length: number) => Array.from({ length }, (_, i) => i + 1)
const asked = (due: Parameters<typeof groupDueMessages>[0]) =>
  groupDueMessages(due).map((part) =>
    part.map(toNewMessages).map(({ conversationId, fromSeq, toSeq }) => [conversationId, fromSeq, toSeq]),
  )

test('due messages of a conversation are one run, whatever their order of arrival', () => {
  expect(asked([hold('a', 7), hold('b', 1), hold('a', 5), hold('a', 6)])).toEqual([
    [
      ['a', 5, 7],
      ['b', 1, 1],
    ],
  ])
  expect(asked([])).toEqual([])
})

test('one plan has at most two hundred conversations', () => {
  expect(groupDueMessages(count(450).map((i) => hold(`chat ${i}`, i))).map((part) => part.length)).toEqual([
    200, 200, 50,
  ])
})

test('one plan has at most two thousand messages, those in between that other nodes hold included', () => {
  expect(asked(count(4500).map((seq) => hold('a', seq)))).toEqual([
    [['a', 1, 2000]],
    [['a', 2001, 4000]],
    [['a', 4001, 4500]],
  ])
  expect(asked([hold('a', 1), hold('a', 1900), hold('b', 1), hold('b', 200), hold('a', 9000)])).toEqual([
    [['a', 1, 1900]],
    [
      ['a', 9000, 9000],
      ['b', 1, 200],
    ],
  ])
})
