import { expect, test } from 'vitest'
import { matchesQuery } from './matches-query.ts'

test('query words match prefixes, whatever the accents and case', () => {
  expect(matchesQuery('Ada Lovelace', 'lov')).toBe(true)
  expect(matchesQuery('Åsa Öberg', 'asa o')).toBe(true)
  expect(matchesQuery('ada.lovelace', 'love')).toBe(true)
  expect(matchesQuery('Ada Lovelace', 'ace')).toBe(false)
  expect(matchesQuery('Ada', '')).toBe(true)
})
