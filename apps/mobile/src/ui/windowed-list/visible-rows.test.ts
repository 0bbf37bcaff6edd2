import { expect, test } from 'vitest'
import { visibleRows } from './visible-rows.ts'

const keys = ['a', 'b', 'c']

/** Rows of these heights, one under the other, in a viewport 600 high. */
function viewAt(top: number, heights: readonly number[], height = 600) {
  const boxes = heights.map((own, index) => ({
    y: heights.slice(0, index).reduce((sum, one) => sum + one, 0),
    height: own,
  }))
  const onScreen = boxes.flatMap((box, index) =>
    box.y < top + height && box.y + box.height > top ? [index] : [],
  )
  const [first, last] = [onScreen[0] ?? -1, onScreen.at(-1) ?? -1]
  return visibleRows({ keys, boxOf: (index) => boxes[index], first, last, top, height, paddingEnd: 28 })
}

test.each<[string, number, number[], string | undefined, boolean]>([
  ['rows that fit', 0, [100, 100, 100], 'c', true],
  ['a row cut off below', 0, [300, 250, 100], 'b', false],
  ['the beginning of a last message taller than the screen', 200, [100, 100, 2000], 'b', false],
  ['the middle of it', 900, [100, 100, 2000], 'b', false],
  ['the end of it', 1620, [100, 100, 2000], 'c', true],
  ['the beginning of a first message taller than the screen', 0, [2000, 100, 100], undefined, false],
])('the last row whose end is on screen, and whether that is the end: %s', (_, top, heights, last, atEnd) => {
  expect(viewAt(top, heights)).toMatchObject({ lastVisible: last, atEnd })
})

test('a list without layout reports nothing, above all not that it is at its end', () => {
  expect(viewAt(0, [])).toBeUndefined()
  expect(viewAt(0, [100, 100, 100], 0)).toBeUndefined()
})

test('a list that starts at a row in the middle is not at its end', () => {
  expect(viewAt(350, [300, 400, 5000])).toEqual({
    atEnd: false,
    firstVisible: 'b',
    lastVisible: 'b',
    position: { key: 'b', offset: -50 },
  })
})
