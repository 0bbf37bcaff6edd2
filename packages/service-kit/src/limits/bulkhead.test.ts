import { expect, test } from 'vitest'
import { createMetrics } from '../metrics/metrics.ts'
import { createBulkhead } from './bulkhead.ts'

/** Work that ends when it is told to. */
function open(options: Partial<Parameters<typeof createBulkhead>[0]> = {}) {
  const bulkhead = createBulkhead({ atOnce: 2, mostWaiting: 10, patienceMs: 60_000, ...options })
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const run = (name: string, key = name) =>
    bulkhead.run(key, async () => {
      begun.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      return name
    })
  return { begun, run, end: (name: string) => ends.get(name)?.() }
}

test('so many run at once, the others in order as permits become free', async () => {
  const { begun, run, end } = open()
  const [one, , , four] = ['one', 'two', 'three', 'four'].map((name) => run(name))
  expect(begun).toEqual(['one', 'two'])
  end('one')
  expect(await one).toBe('one')
  await expect.poll(() => begun).toEqual(['one', 'two', 'three'])
  end('two')
  end('three')
  await expect.poll(() => begun.at(-1)).toBe('four')
  end('four')
  expect(await four).toBe('four')
})

test('one key never has two permits, and keeps none from others', async () => {
  const { begun, run, end } = open()
  const first = run('a1', 'a')
  run('a2', 'a')
  run('b1', 'b')
  expect(begun).toEqual(['a1', 'b1'])
  end('a1')
  await first
  await expect.poll(() => begun).toEqual(['a1', 'b1', 'a2'])
})

test('work behind too many, or waiting too long, is refused with Retry-After', async () => {
  const { run } = open({ atOnce: 1, mostWaiting: 1, patienceMs: 20 })
  run('one')
  const waiting = run('two')
  const refusal = { code: 'unavailable', retryAfter: expect.any(Number) }
  await expect(run('three')).rejects.toMatchObject(refusal)
  await expect(waiting).rejects.toMatchObject(refusal)
})

test('work that fails releases its permit', async () => {
  const bulkhead = createBulkhead({ atOnce: 1, mostWaiting: 1, patienceMs: 60_000 })
  const failing = bulkhead.run('a', () => Promise.reject(new Error('broken')))
  const next = bulkhead.run('b', async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
})

test('keys alternate: one request does not wait behind all of a busy key', async () => {
  const { begun, run, end } = open({ atOnce: 1 })
  for (const name of ['a1', 'a2', 'a3']) void run(name, 'a')
  void run('b1', 'b')
  void run('a4', 'a')
  for (const [i, name] of ['a1', 'a2', 'b1', 'a3', 'a4'].entries()) {
    await expect.poll(() => begun[i]).toBe(name)
    end(name)
  }
})

test('the queue of one key may be shorter than that of all', async () => {
  const { run } = open({ atOnce: 1, mostWaitingOfOne: 1 })
  void run('a1', 'a')
  void run('a2', 'a').catch(() => {})
  void run('b1', 'b').catch(() => {})
  await expect(run('a3', 'a')).rejects.toMatchObject({ code: 'unavailable' })
})

test('its metrics show running, waiting and refused work', async () => {
  const metrics = createMetrics('test')
  const { run } = open({ atOnce: 1, mostWaiting: 1, measured: { name: 'things', metrics } })
  void run('one')
  void run('two')
  await expect(run('three')).rejects.toMatchObject({ code: 'unavailable' })

  const text = await metrics.registry.metrics()
  for (const line of ['working', 'waiting', 'refused_total'])
    expect(text).toMatch(new RegExp(`bulkhead_${line}\\{bulkhead="things",service="test"\\} 1`))
})
