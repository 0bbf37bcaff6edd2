import { expect, test } from 'vitest'
import { createVisibilityCache } from './visibility-cache.ts'

test('an unreferenced pair is evicted after a minute, a referenced one never', () => {
  let now = 0
  const cache = createVisibilityCache(() => now)
  cache.add('anna', 'ben').references += 1
  cache.add('anna', 'carl')
  now = 61_000
  cache.evict(0, () => {})
  expect(cache.get('anna', 'ben')).toBeDefined()
  expect(cache.get('anna', 'carl')).toBeUndefined()

  cache.release('anna', 'ben')
  cache.evict(0, () => {})
  expect(cache.get('anna', 'ben')).toBeUndefined()
  expect([...cache.watchers()]).toEqual([])
})

test('pairs that were looked up long ago are returned for another lookup', () => {
  let now = 0
  const cache = createVisibilityCache(() => now)
  for (const name of ['ben', 'carl']) cache.add('anna', name).references += 1
  now = 1000
  const carl = cache.get('anna', 'carl')
  if (carl) carl.checkedAt = now
  const old: string[][] = []
  cache.evict(500, (watcherId, targetIds) => old.push([watcherId, ...targetIds]))
  expect(old).toEqual([['anna', 'ben']])
})

test('a watcher of ever new people leaves a bounded number of pairs', () => {
  const cache = createVisibilityCache()
  for (let i = 0; i < 5000; i += 1) {
    cache.add('anna', `${i}`).references += 1
    cache.release('anna', `${i}`)
  }
  expect([...cache.targetsOf('anna')].length).toBeLessThan(1002)
})
