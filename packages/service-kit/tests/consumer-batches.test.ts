import { eventually, expectLog } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { add, consume, startStreams } from './stream-fixture.ts'

const parked = async ({ redis }: Awaited<ReturnType<typeof startStreams>>) =>
  redis.commands.xlen('test:{0}:parked')

test('waiting events of one type are handled in a batch, in order with all others', async () => {
  await using fixture = await startStreams()
  for (const n of [1, 2, 3]) await add(fixture.redis, n)
  await add(fixture.redis, 4, 'test:{0}', 'other')
  for (const n of [5, 6]) await add(fixture.redis, n)
  const seen: unknown[] = []
  await using _consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push(n), other: () => seen.push('other') },
    batches: { counted: async (payloads) => seen.push(payloads.map(({ n }) => n)) },
  })
  await eventually(() => expect(seen).toEqual([[1, 2, 3], 'other', [5, 6]]))
  await add(fixture.redis, 7)
  await eventually(() => expect(seen.at(-1)).toBe(7))
  await eventually(async () =>
    expect((await fixture.redis.commands.xpending('test:{0}', 'readers'))[0]).toBe(0),
  )
})

test('when a batch fails each entry is handled alone, and only the bad one is parked', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  for (const n of [1, 13, 3]) await add(fixture.redis, n)
  const seen: number[] = []
  const refuse = (numbers: number[]) => {
    if (numbers.includes(13)) throw new Error('Not this one')
    seen.push(...numbers)
  }
  await using _consumer = consume(fixture.redis, {
    attempts: 2,
    handlers: { counted: ({ n }) => refuse([n]) },
    batches: { counted: async (payloads) => refuse(payloads.map(({ n }) => n)) },
  })
  await eventually(() => expect(seen).toEqual([1, 3]))
  await eventually(async () => expect(await parked(fixture)).toBe(1))
})

test('an invalid entry does no harm to others of its batch', async () => {
  expectLog(/An event is parked/)
  await using fixture = await startStreams()
  await add(fixture.redis, 1)
  await fixture.redis.commands.xadd('test:{0}', '*', 'type', 'counted', 'key', 'k', 'payload', '{"n":"one"}')
  await add(fixture.redis, 3)
  const seen: number[] = []
  await using _consumer = consume(fixture.redis, {
    handlers: { counted: ({ n }) => seen.push(n) },
    batches: { counted: async (payloads) => seen.push(...payloads.map(({ n }) => n)) },
  })
  await eventually(() => expect(seen).toEqual([1, 3]))
  await eventually(async () => expect(await parked(fixture)).toBe(1))
})
