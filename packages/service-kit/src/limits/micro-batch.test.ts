import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMicroBatch } from './micro-batch.ts'

function recording({ maxSize = 10, maxInFlight = 1 } = {}) {
  const batches: number[][] = []
  const submit = createMicroBatch<number, number>({
    maxSize,
    maxInFlight,
    run: async (items) => {
      batches.push(items)
      await sleep(5)
      return items.map((item) => item * 2)
    },
  })
  return { batches, submit }
}

test('each caller gets the result of its own item', async () => {
  const { submit } = recording()
  expect(await Promise.all([1, 2, 3].map(submit))).toEqual([2, 4, 6])
})

test('items that arrive during a batch form the next one', async () => {
  const { batches, submit } = recording()
  const first = submit(1)
  await turn()
  await Promise.all([first, submit(2), submit(3)])
  expect(batches).toEqual([[1], [2, 3]])
})

test('a lone item goes at once, and those after it together', async () => {
  const batches: number[][] = []
  const begun: number[] = []
  const submit = createMicroBatch<number, number>({
    maxSize: 10,
    maxInFlight: 2,
    everyMs: 50,
    run: async (items) => {
      batches.push(items)
      begun.push(performance.now())
      return items
    },
  })
  const first = submit(1)
  await turn()
  expect(batches).toEqual([[1]])
  await Promise.all([first, submit(2), submit(3)])
  expect(batches).toEqual([[1], [2, 3]])
  expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(50)
})

test('a batch is never larger than allowed', async () => {
  const { batches, submit } = recording({ maxSize: 2, maxInFlight: 2 })
  await Promise.all([1, 2, 3, 4, 5].map(submit))
  expect(batches).toEqual([[1, 2], [3, 4], [5]])
})

test('a batch never exceeds its weight, except by a single heavy item, and keeps the order', async () => {
  const batches: number[][] = []
  const submit = createMicroBatch<number, number>({
    maxSize: 10,
    maxInFlight: 1,
    weight: { of: (item) => item, most: 10 },
    run: async (items) => {
      batches.push(items)
      return items
    },
  })
  await Promise.all([4, 5, 3, 1, 12, 2, 8].map(submit))
  expect(batches).toEqual([[4, 5], [3, 1], [12], [2, 8]])
})

test('an item whose caller has given up is left out', async () => {
  const batches: string[][] = []
  const first = Promise.withResolvers<void>()
  const givenUp = new Set<string>()
  const submit = createMicroBatch<string, string>({
    maxSize: 10,
    maxInFlight: 1,
    isGivenUp: (item) => givenUp.has(item),
    run: async (items) => {
      batches.push(items)
      await first.promise
      return items
    },
  })
  const begun = submit('begun')
  await turn()
  const late = [submit('given up'), submit('waited for')]
  givenUp.add('begun').add('given up')
  first.resolve()
  expect(await begun).toBe('begun')
  const outcomes = await Promise.allSettled(late)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(batches).toEqual([['begun'], ['waited for']])
})

test('a failure reaches everyone in that batch, and the next one works', async () => {
  let isAway = true
  const submit = createMicroBatch<number, number>({
    maxSize: 10,
    maxInFlight: 1,
    run: async (items) => {
      if (isAway) throw new Error('away')
      return items
    },
  })
  const outcomes = await Promise.allSettled([submit(1), submit(2)])
  isAway = false
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await submit(3)).toBe(3)
})

test('a wrong number of results fails instead of mixing them up', async () => {
  const submit = createMicroBatch<number, number>({ maxSize: 10, maxInFlight: 1, run: async () => [] })
  await expect(submit(1)).rejects.toThrow('one result per item')
})

test('items of one key are never in two batches at once, so they keep their order', async () => {
  const batches: string[][] = []
  const first = Promise.withResolvers<void>()
  const submit = createMicroBatch<string, string>({
    maxSize: 10,
    maxInFlight: 3,
    keyOf: (item) => item.slice(0, 1),
    run: async (items) => {
      batches.push(items)
      if (items.includes('a1')) await first.promise
      return items
    },
  })
  const a1 = submit('a1')
  await turn()
  const a2 = submit('a2')
  await submit('b1')
  const a3 = submit('a3')
  await turn()
  first.resolve()
  await Promise.all([a1, a2, a3])
  expect(batches).toEqual([['a1'], ['b1'], ['a2', 'a3']])
})
