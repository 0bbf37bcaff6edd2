import { expect, test } from 'vitest'
import { makeMessage } from '../../tests/make-message.ts'
import { prependToWindow, putInWindow, touches } from './window.ts'

const run = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => makeMessage(from + index))
const seqs = (window: readonly { seq: number }[]) => window.map(({ seq }) => seq)

test('changed messages keep their places and new ones come at the end', () => {
  const edited = makeMessage(6, { text: 'edited' })
  const window = putInWindow(run(5, 7), [makeMessage(9), edited, makeMessage(8)])
  expect(seqs(window)).toEqual([5, 6, 7, 8, 9])
  expect(window[1]).toBe(edited)
})

test('what lies before the run or beyond a hole stays outside', () => {
  expect(seqs(putInWindow(run(5, 7), [makeMessage(2)]))).toEqual([5, 6, 7])
  expect(seqs(putInWindow(run(5, 7), [makeMessage(20), makeMessage(21)]))).toEqual([5, 6, 7])
  expect(seqs(putInWindow([], [makeMessage(3), makeMessage(4)]))).toEqual([3, 4])
})

test('an older page joins only as far as it touches', () => {
  expect(seqs(prependToWindow(run(5, 7), run(1, 4)))).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(seqs(prependToWindow(run(5, 7), [...run(1, 2), makeMessage(4)]))).toEqual([4, 5, 6, 7])
  expect(seqs(prependToWindow(run(5, 7), run(3, 6)))).toEqual([3, 4, 5, 6, 7])
  const window = run(5, 7)
  expect(prependToWindow(window, run(1, 3))).toBe(window)
  expect(seqs(prependToWindow([], run(1, 3)))).toEqual([1, 2, 3])
})

test('two runs make one when there is no hole between them', () => {
  for (const other of [run(8, 9), run(2, 4), run(6, 6), run(1, 20)])
    expect(touches(run(5, 7), other)).toBe(true)
  for (const other of [run(9, 9), run(1, 3), []]) expect(touches(run(5, 7), other)).toBe(false)
  expect(touches([], [])).toBe(true)
})
