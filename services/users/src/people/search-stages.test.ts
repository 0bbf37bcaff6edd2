import { expect, test } from 'vitest'
import { searchQuery } from './search-query.ts'
import { searchStages } from './search-stages.ts'

const stagesFor = (typed: string) => {
  const query = searchQuery(typed)
  return query ? searchStages.filter(({ values }) => values(query)).map(({ rank }) => rank) : []
}

test('what cannot be a username is not looked for among usernames', () => {
  expect(stagesFor('anna smith')).toEqual([1, 3, 4])
  expect(stagesFor('@anna.smith')).toEqual([0, 1, 2, 3, 4])
})

test('another script is looked for among usernames by its Latin spelling', () => {
  expect(searchQuery('Иван')?.username).toBe('ivan')
  expect(searchQuery('王')?.username).toBeUndefined()
})

test('short words are not taken for misspelt ones', () => {
  expect(stagesFor('ann')).toEqual([0, 1, 2, 3])
})

test('signs alone look for nobody', () => {
  expect(stagesFor('???')).toEqual([])
})
