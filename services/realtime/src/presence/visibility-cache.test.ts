import { expect, test } from 'vitest'
import { createVisibilityCache } from './visibility-cache.ts'

test('a pair that nobody wants is kept for a minute, and one that is wanted for as long as it is', () => {
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

test('what was settled long ago is named, to be asked again', () => {
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

test('whoever watches ever new people is not remembered for each of them', () => {
  const cache = createVisibilityCache()
  for (let i = 0; i < 5000; i += 1) {
    cache.add('anna', `${i}`).references += 1
    cache.release('anna', `${i}`)
  }
  expect([...cache.targetsOf('anna')].length).toBeLessThan(1002)
})
