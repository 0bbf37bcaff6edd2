import { expect, test } from 'vitest'
import { ShownRanges } from './shown-ranges.ts'

/** What was seen, in order: `[from, to]`, or with `true` when the person scrolled there. */
function after(...seen: [from: number, to: number, scrolled?: boolean][]) {
  const shown = new ShownRanges()
  for (const [from, to, scrolled = false] of seen) shown.show({ from, to }, scrolled)
  return shown
}

test.each([
  ['what is on screen after the marker is read', after([95, 110]), 110],
  ['a range that begins right after the marker is read', after([101, 110]), 110],
  ['a range beyond a gap is not', after([140, 150]), 100],
  ['older messages move nothing', after([20, 40]), 100],
  ['adjacent screens join', after([95, 110], [111, 120], [118, 130]), 130],
  ['a jump leaves what it passed over unread', after([95, 110], [480, 500]), 110],
  ['coming back up to it closes the gap', after([95, 110], [480, 500], [111, 479]), 500],
  ['what is scrolled past was on screen', after([95, 110], [300, 310, true]), 310],
  [
    'scrolling on beyond a jump does not join what is before it',
    after([95, 110], [480, 490], [491, 500, true]),
    110,
  ],
  ['scrolling up from the end to the marker has shown it all', after([480, 500], [90, 105, true]), 500],
  ['a message taller than the screen is read at its end', after([95, 100], [101, 100], [101, 101]), 101],
])('%s', (_, shown, marker) => {
  expect(shown.shownFrom(100)).toBe(marker)
})

test('what arrived while the app had no focus was not shown', () => {
  const shown = after([95, 110])
  shown.breakContinuity()
  shown.show({ from: 190, to: 200 }, true)
  expect(shown.shownFrom(100)).toBe(110)
})

test('a marker that moved on another device continues from there', () => {
  expect(after([95, 110], [180, 200]).shownFrom(185)).toBe(200)
  expect(after([95, 110]).shownFrom(150)).toBe(150)
})

test('property: everything up to the marker was shown, in whatever order', () => {
  let seed = 7
  const below = (most: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % most
  }
  for (let round = 0; round < 200; round += 1) {
    const shown = new ShownRanges()
    const seen = new Set<number>()
    for (let step = 0; step < 20; step += 1) {
      const from = 1 + below(60)
      const to = from + below(12)
      shown.show({ from, to }, false)
      for (let seq = from; seq <= to; seq += 1) seen.add(seq)
    }
    const marker = shown.shownFrom(0)
    for (let seq = 1; seq <= marker; seq += 1) expect(seen.has(seq)).toBe(true)
    expect(seen.has(marker + 1)).toBe(false)
  }
})
