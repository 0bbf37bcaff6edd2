import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createSearchBulkhead } from './search-bulkhead.ts'

test('one person fills only a part of the queue, and does not delay others', async () => {
  const metrics = createMetrics('test')
  const searches = createSearchBulkhead(metrics)
  const ends: (() => void)[] = []
  const begun: string[] = []
  const ask = (who: string) =>
    searches.run(who, () => {
      begun.push(who)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const asked = Array.from({ length: 61 }, () => ask('greedy'))
  await expect(ask('greedy')).rejects.toMatchObject({ code: 'unavailable', retryAfter: expect.any(Number) })
  asked.push(ask('one'), ask('other'), ask('third'))
  expect(begun).toEqual(['greedy', 'one', 'other'])
  ends.shift()?.()
  // The greedy one was first in the queue, and has a single place of three all the same.
  await expect.poll(() => begun.length).toBe(4)
  ends.shift()?.()
  await expect.poll(() => begun.slice(3).toSorted()).toEqual(['greedy', 'third'])
  expect(await metrics.registry.metrics()).toMatch(/bulkhead_refused_total\{bulkhead="searches".*\} 1/)
  while (begun.length < asked.length || ends.length > 0) {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  await Promise.all(asked)
})
