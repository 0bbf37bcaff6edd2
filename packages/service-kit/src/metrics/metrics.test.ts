import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('a gauge can be computed at each scrape', async () => {
  const metrics = createMetrics('test')
  let waiting = 1
  metrics.gauge('things_waiting', 'Things that wait', { collect: () => waiting })
  const read = async () =>
    /things_waiting\{service="test"\} (\d+)/.exec(await metrics.registry.metrics())?.[1]
  expect(await read()).toBe('1')
  waiting = 7
  expect(await read()).toBe('7')
})
