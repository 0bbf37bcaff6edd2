import { expect, test } from 'vitest'
import { misspellingKeys, searchWords, wordsOf } from './search-words.ts'

const share = (a: string, b: string) => misspellingKeys(a).some((key) => misspellingKeys(b).includes(key))

test('words are what stands between anything that is no letter or digit', () => {
  expect(wordsOf('anna.b_smith')).toEqual(['anna', 'b', 'smith'])
  expect(wordsOf("Zoë O'Neill-Çelik 3rd")).toEqual(['zoe', 'o', 'neill', 'celik', '3rd'])
  expect(wordsOf(' 🎉 ... ')).toEqual([])
})

test.each([
  ['john', 'jonh'],
  ['anna', 'ana'],
  ['philip', 'phillip'],
  ['marta', 'marra'],
])('%s and %s share a key', (a, b) => {
  expect(share(a, b)).toBe(true)
})

test('words that differ in more share none', () => {
  expect(share('anna', 'berta')).toBe(false)
})

test('a name is found by its Latin spelling too', () => {
  expect(searchWords({ username: 'vanya', displayName: 'Иван Щукин' })).toEqual(
    expect.arrayContaining(['vanya', 'иван', 'ivan', 'щукин', 'shchukin']),
  )
})

test('a name without spaces is found from any character on', () => {
  expect(searchWords({ username: 'taro', displayName: '田中太郎' })).toEqual(
    expect.arrayContaining(['田中太郎', '太郎']),
  )
})

test('the longest names stay within what PostgreSQL takes as a lexeme', () => {
  const words = searchWords({ username: 'x'.repeat(32), displayName: 'ﷺ'.repeat(64) })
  for (const word of words) expect(Buffer.byteLength(word)).toBeLessThan(2046)
  expect(words).not.toContain('')
})
