import { expect, test } from 'vitest'
import { createDraftAges, type LocalDraft } from './draft-age.ts'

const hour = 3_600_000
const atNoon = 1_800_000_000_000

/** A run of the app whose two clocks are moved apart. */
function run({ wall = atNoon, monotonic = 500 } = {}) {
  const clocks = { wall, monotonic }
  const ages = createDraftAges({ wall: () => clocks.wall, monotonic: () => clocks.monotonic })
  const pass = (moved: Partial<typeof clocks>) => {
    clocks.wall += moved.wall ?? 0
    clocks.monotonic += moved.monotonic ?? 0
  }
  return { ages, pass }
}

test.each([
  ['both clocks go on', { wall: 2000, monotonic: 2000 }, 2000],
  ['the device sleeps, and the monotonic clock with it', { wall: hour, monotonic: 2000 }, hour],
  ['the wall clock is set back', { wall: -hour, monotonic: 2000 }, 2000],
  ['nothing passes', {}, 0],
])('the age of a draft while %s', (_, moved, age) => {
  const { ages, pass } = run()
  const draft = ages.typedNow('hm')
  pass(moved)
  expect(ages.ageOf(draft)).toBe(age)
})

test.each([
  ['a day later', { wall: 24 * hour }, 24 * hour],
  ['after the wall clock was set back', { wall: -hour }, 3000],
])('the age of a draft that an earlier run left, %s', (_, { wall }, age) => {
  const left: LocalDraft = { text: 'hm', typedAt: atNoon }
  const { ages, pass } = run({ wall: atNoon + wall, monotonic: 7 })
  pass({ monotonic: 3000 })
  expect(ages.ageOf(left)).toBe(age)
})

test('a draft without a time is at least as old as this run', () => {
  const { ages, pass } = run()
  pass({ wall: 5000, monotonic: 5000 })
  expect(ages.ageOf({ text: 'hm' })).toBe(5000)
})
