import { expect, test } from 'vitest'
import { createSearchTurns } from './search-turns.ts'

test('a few run at once, the others in the order of asking, and one that fails gives its place on', async () => {
  const turns = createSearchTurns()
  const begun: number[] = []
  const ends: (() => void)[] = []
  const ask = (number: number) =>
    turns.take(() => {
      begun.push(number)
      return new Promise<void>((resolve, reject) =>
        ends.push(number === 1 ? () => reject(new Error('No')) : resolve),
      )
    })
  const asked = [0, 1, 2, 3, 4].map(ask)
  const settled = Promise.allSettled(asked)
  await Promise.resolve()
  expect(begun).toEqual([0, 1, 2])
  for (let i = 0; i < 5; i += 1) {
    ends[i]?.()
    await new Promise(setImmediate)
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect((await settled).map(({ status }) => status === 'rejected')).toEqual([
    false,
    true,
    false,
    false,
    false,
  ])
})

test('when too many wait, more are turned away', async () => {
  const turns = createSearchTurns()
  const end = Promise.withResolvers<void>()
  const asked = Array.from({ length: 103 }, () => turns.take(() => end.promise))
  await expect(turns.take(async () => {})).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
  end.resolve()
  await Promise.all(asked)
})
