import { expect, test } from 'vitest'
import { JumpDetector } from './jump-detector.ts'

/**
 * Whether each move was seen: moves by so many screens, each so many milliseconds after the last.
 */
function seen(...moves: [screens: number, afterMs: number][]) {
  const detector = new JumpDetector()
  let now = 5_000
  return moves.map(([screens, afterMs]) => {
    now += afterMs
    return detector.wasSeen(screens, now)
  })
}
const frames = (count: number, screens: number) =>
  Array.from({ length: count }, (): [number, number] => [screens, 16])

test.each<[string, boolean[], boolean]>([
  ['a turn of the wheel', seen([0.8, 0]), true],
  ['a page at a time', seen([0.9, 0], [0.9, 200], [0.9, 200]), true],
  ['a hard flick, frame by frame', seen(...frames(120, 0.2)), true],
  ['two screens in a frame that came late', seen([1.9, 400]), true],
  ['the way to the end in one move', seen([20, 300]), false],
  ['a scrollbar that is pulled down step by step', seen(...frames(30, 1)).slice(2), false],
  ['the page key held down', seen(...frames(30, 0.45)).slice(10), false],
])('%s', (_, moves, expected) => {
  expect(moves).toEqual(moves.map(() => expected))
})

test('slow scrolling after a jump counts as seen again', () => {
  expect(seen([20, 300], [0.2, 16], [0.2, 16])).toEqual([false, true, true])
})
