import type { PublicUser } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reindexUsers } from '../src/people/reindex-users.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let token: string
const people = {
  anna: 'Anna Smith',
  annabel: 'Belle Annabel',
  joanna: 'Joanna Anna',
  'jose.n': 'José Ñandú',
  vanya: 'Иван Петров',
  nikos: 'Νίκος Παππάς',
  taro: '田中太郎',
  katakana: 'サトウ',
  chulsoo: '김철수',
  mohd: 'مُحَمَّد',
  john_doe: 'John Doe',
  phillip: 'Phillip Krüger',
  smith_2000: 'Percy 100%',
  '_._': 'Underscore',
}

beforeAll(async () => {
  users = await startTestUsers()
  for (const [username, displayName] of Object.entries(people)) {
    await users.register({
      username,
      displayName,
      email: `mail${username.replaceAll('.', '')}@hidden-domain.org`,
    })
  }
  token = (await users.register({ username: 'zzz_asker', displayName: 'Zzz' })).accessToken
})
afterAll(() => users[Symbol.asyncDispose]())

interface Page {
  items: PublicUser[]
  nextCursor: string | null
}
const search = (query: string, more = '') =>
  users.call<Page>(`GET /v1/users?query=${encodeURIComponent(query)}${more}`, { token })
const found = async (query: string) => (await search(query)).body.items.map(({ username }) => username)

test('the very name comes first, then whole words, then beginnings, then near misses', async () => {
  expect(await found('anna')).toEqual(['anna', 'joanna', 'annabel'])
})

test.each([
  ['the beginning of a username', 'joh', 'john_doe'],
  ['a later part of a username', 'doe', 'john_doe'],
  ['an @ before it', '@john_doe', 'john_doe'],
  ['a username of signs only', '_._', '_._'],
  ['capitals', 'JOHN', 'john_doe'],
  ['the beginning of a last name', 'smi', 'anna'],
  ['both names, the last one begun', 'anna smi', 'anna'],
  ['both names the other way round', 'smith anna', 'anna'],
  ['no accents', 'jose nandu', 'jose.n'],
  ['accents where there are none', 'Ánna Smîth', 'anna'],
  ['an umlaut left out', 'kruger', 'phillip'],
  ['full-width letters', 'ｊｏｈｎ', 'john_doe'],
  ['another script', 'ivan', 'vanya'],
  ['the own script', 'петр', 'vanya'],
  ['another script for a Latin name', 'анна', 'anna'],
  ['Greek in Latin letters', 'pappas', 'nikos'],
  ['the second half of a name without spaces', '太郎', 'taro'],
  ['hiragana for katakana', 'さと', 'katakana'],
  ['an unfinished syllable', '기', 'chulsoo'],
  ['a Korean given name', '철수', 'chulsoo'],
  ['Korean initial consonants', 'ㄱㅊㅅ', 'chulsoo'],
  ['Arabic without vowel points', 'محمد', 'mohd'],
  ['letters swapped', 'jonh', 'john_doe'],
  ['a letter lost', 'philip', 'phillip'],
  ['a letter too many', 'annna smith', 'anna'],
  ['a wrong letter', 'krager', 'phillip'],
])('%s: %s finds %s', async (_how, query, username) => {
  expect(await found(query)).toContain(username)
})

test('users with search words of an older version get new ones, others are left alone', async () => {
  const { pool } = users.ctx
  await pool.query(
    `UPDATE users SET search_words = array_to_tsvector(ARRAY['chulsoo', $1]) WHERE username = 'chulsoo'`,
    ['김철수'.normalize('NFKD')],
  )
  expect(await found('철수')).toEqual([])

  expect(await reindexUsers(pool)).toBe(1)
  expect(await found('철수')).toEqual(['chulsoo'])
  expect(await reindexUsers(pool)).toBe(0)
})

test('every word has to fit', async () => {
  expect(await found('anna doe')).toEqual([])
})

test.each([
  'hidden-domain.org',
  'annabel@hidden-domain.org',
  'xyzzyx',
  '???',
  '%',
  "'",
  '\\',
  ':*',
  '\u0000',
  '🎉',
])('%j finds nobody', async (query) => {
  const { status, body } = await search(query)
  expect(status).toBe(200)
  expect(body).toEqual({ items: [], nextCursor: null })
})

test.each(['a', 'p', 'an', 'i'])('the pages of %j hold everyone once, whatever their size', async (query) => {
  const whole = await found(query)
  for (const limit of [1, 2, 3]) {
    const paged: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: { body: Page } = await search(query, `&limit=${limit}${cursor && `&cursor=${cursor}`}`)
      paged.push(...body.items.map(({ username }) => username))
      cursor = body.nextCursor
    }
    expect(paged).toEqual(whole)
  }
})

test('pages hold everyone once, over beginnings and near misses', async () => {
  const whole = await found('smith')
  const paged: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body }: { body: Page } = await search('smith', `&limit=1${cursor && `&cursor=${cursor}`}`)
    paged.push(...body.items.map(({ username }) => username))
    cursor = body.nextCursor
  }
  expect(paged).toEqual(whole)
  expect(paged.length).toBeGreaterThan(1)
})

test.each([
  ['no query', 'GET /v1/users'],
  ['an empty one', 'GET /v1/users?query=%20'],
  ['two', 'GET /v1/users?query=a&query=b'],
  ['an endless one', `GET /v1/users?query=${'x'.repeat(101)}`],
  ['a limit of nothing', 'GET /v1/users?query=anna&limit=0'],
  ['a limit without bound', 'GET /v1/users?query=anna&limit=101'],
  ['an invented cursor', 'GET /v1/users?query=anna&cursor=nonsense'],
  [
    'a cursor with other things in it',
    `GET /v1/users?query=anna&cursor=${Buffer.from('[1,2,"\\u0000"]').toString('base64url')}`,
  ],
])('%s is refused', async (_what, request) => {
  expect(await users.call(request, { token })).toMatchObject({
    status: 400,
    body: { code: 'validation_failed' },
  })
})
