import { spellings } from '@finnigram/contracts/testing'
import { expect, test } from 'vitest'
import { searchQuery } from './search-query.ts'
import { misspellingKeys, searchWords, wordsOf } from './search-words.ts'

const share = (a: string, b: string) => misspellingKeys(a).some((key) => misspellingKeys(b).includes(key))

test('a text is split into words at everything that is no letter or digit', () => {
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

/**
 * Whether every word of a query begins a word that a person is found by, as the database compares
 * them.
 */
function finds(query: string, displayName: string): boolean {
  const words = searchWords({ username: 'zzz', displayName })
  const wanted = searchQuery(query)?.prefix.split('&') ?? ['']
  return wanted.every((alternatives) =>
    [...alternatives.matchAll(/'([^']*)':\*/g)].some(([, begun = '']) =>
      words.some((word) => word.startsWith(begun)),
    ),
  )
}

test.each(spellings)('%s is found by %s, and the other way round', (one, other) => {
  expect([finds(one, other), finds(other, one)]).toEqual([true, true])
})

test.each([
  ['철수', '김철수', 'a given name'],
  ['처', '김철수', 'a syllable that is not typed to its end'],
  ['김ㅊ', '김철수', 'a letter of the next syllable'],
  ['ㄱㅊㅅ', '김철수', 'initial consonants'],
  ['ㅊㅅ', '김철수', 'initial consonants of the given name'],
  ['민준', '남궁민준', 'a given name after a family name of two syllables'],
  ['タロウ', 'やまだたろう', 'the other kana'],
  ['رضا', 'علی‌رضا', 'the second part of a name with a joiner'],
  ['jeanluc', 'Jean-Luc', 'a name in one'],
  ['oneill', "O'Neill", 'a name without its apostrophe'],
  ['kaiulani', 'Kaʻiulani', 'a name without its ʻokina'],
])('%s finds %s by %s', (query, name) => {
  expect(finds(query, name)).toBe(true)
})
