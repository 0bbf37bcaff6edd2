import { expect, test } from 'vitest'
import { createPairs } from './visibility-cache.ts'

test('a pair that nobody wants is kept for a minute, and one that is wanted for as long as it is', () => {
  let now = 0
  const pairs = createPairs(() => now)
  pairs.add('anna', 'ben').wanted += 1
  pairs.add('anna', 'carl')
  now = 61_000
  pairs.tidy(0, () => {})
  expect(pairs.get('anna', 'ben')).toBeDefined()
  expect(pairs.get('anna', 'carl')).toBeUndefined()

  pairs.release('anna', 'ben')
  pairs.tidy(0, () => {})
  expect(pairs.get('anna', 'ben')).toBeUndefined()
  expect([...pairs.watchers()]).toEqual([])
})

test('what was settled long ago is named, to be asked again', () => {
  let now = 0
  const pairs = createPairs(() => now)
  for (const name of ['ben', 'carl']) pairs.add('anna', name).wanted += 1
  now = 1000
  const carl = pairs.get('anna', 'carl')
  if (carl) carl.settledAt = now
  const old: string[][] = []
  pairs.tidy(500, (watcherId, targetIds) => old.push([watcherId, ...targetIds]))
  expect(old).toEqual([['anna', 'ben']])
})

test('whoever watches ever new people is not remembered for each of them', () => {
  const pairs = createPairs()
  for (let i = 0; i < 5000; i += 1) {
    pairs.add('anna', `${i}`).wanted += 1
    pairs.release('anna', `${i}`)
  }
  expect([...pairs.targetsOf('anna')].length).toBeLessThan(1002)
})
