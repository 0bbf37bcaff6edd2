import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { newId, type SignedIn } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawPng } from './draw-images.ts'
import { askForExport, beginExport, exportPath, manyPages, message } from './export-calls.ts'
import { type FakeMessages, startFakeMessages } from './start-fake-messages.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let fakeMessages: FakeMessages
beforeAll(async () => {
  fakeMessages = await startFakeMessages()
  users = await startTestUsers({ MESSAGES_URL: fakeMessages.url })
})
afterAll(async () => {
  await users[Symbol.asyncDispose]()
  await fakeMessages[Symbol.asyncDispose]()
})

const path = exportPath
const ask = (person: SignedIn) => askForExport(users, person)
const begin = (person: SignedIn) => beginExport(users, person)

async function unzip(response: Response): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]))
}

const lines = (text = '') =>
  text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const parse = (text = '') => JSON.parse(text)

test('requires sign-in', async () => {
  expect(await users.call(`GET ${path}`)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

test('everything of mine is in it, and no secret', async () => {
  const ada = await users.register({ email: `${randomBytes(5).toString('hex')}@example.org` })
  const bob = await users.register()
  const token = ada.accessToken
  await users.call('PATCH /v1/users/me', { token, body: { bio: 'Hi', preferences: { theme: 'dark' } } })
  await users.call(`PUT /v1/users/me/blocks/${bob.user.id}`, { token })
  await users.call('PUT /v1/users/me/devices/phone', {
    token,
    body: { kind: 'expo', token: 'ExponentPushToken[secret]', name: 'Phone' },
  })
  await fetch(`${users.url}/v1/users/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png' },
    body: new Uint8Array(drawPng({ width: 9, height: 9 })),
  })
  const written = [message('one'), message('two'), message('three\nof two lines')]
  fakeMessages.page = (after) =>
    after === undefined
      ? { items: written.slice(0, 2), nextAfter: written[1]?.id ?? null }
      : { items: written.slice(2), nextAfter: null }

  const file = { id: newId(), kind: 'image' as const, name: 'a/b: c.png', mediaType: 'image/png', size: 3 }
  fakeMessages.attachments = [{ ...file, width: 1, height: 1, thumbHash: null }]
  fakeMessages.file = new Uint8Array([1, 2, 3])
  fakeMessages.stars = [
    { messageId: newId(), conversationId: newId(), starredAt: '2026-01-01T00:00:00.000Z' },
  ]
  fakeMessages.reactions = [{ messageId: newId(), conversationId: newId(), seq: 7, emoji: '👍' }]

  const response = await ask(ada)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/zip'])
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="finnigram-${ada.user.username}.zip"`,
  )
  const files = await unzip(response)

  expect(Object.keys(files)).toEqual([
    'README.txt',
    'profile.json',
    'preferences.json',
    'sessions.json',
    'devices.json',
    'blocks.json',
    'activity.json',
    'avatar.webp',
    'conversations.jsonl',
    'messages.jsonl',
    'starred.jsonl',
    'reactions.jsonl',
    'attachments.jsonl',
    `files/${file.id} a_b_ c.png`,
  ])
  for (const name of Object.keys(files).slice(1, -1)) expect(files['README.txt']).toContain(name)
  expect(parse(files['profile.json'])).toMatchObject({ id: ada.user.id, bio: 'Hi', email: ada.user.email })
  expect(parse(files['preferences.json'])).toMatchObject({ theme: 'dark' })
  expect(parse(files['sessions.json'])).toMatchObject([{ current: true }])
  expect(parse(files['devices.json'])).toMatchObject([{ id: 'phone', kind: 'expo', name: 'Phone' }])
  expect(parse(files['blocks.json'])).toMatchObject([{ id: bob.user.id }])
  expect(parse(files['activity.json']).length).toBeGreaterThanOrEqual(0)
  expect(files['avatar.webp']?.slice(0, 4)).toBe('RIFF')
  expect(lines(files['messages.jsonl'])).toEqual(written)
  expect(lines(files['starred.jsonl'])).toEqual(fakeMessages.stars)
  expect(lines(files['reactions.jsonl'])).toEqual(fakeMessages.reactions)
  expect(files['README.txt']).not.toContain('reactions you gave.')
  expect(lines(files['attachments.jsonl'])).toMatchObject([file])
  expect(Array.from(files[`files/${file.id} a_b_ c.png`] ?? '', (c) => c.charCodeAt(0))).toEqual([1, 2, 3])
  const { rows } = await users.ctx.pool.query('SELECT password_hash AS hash FROM users WHERE id = $1', [
    ada.user.id,
  ])
  for (const text of Object.values(files)) {
    expect(text).not.toContain('ExponentPushToken')
    expect(text).not.toContain(rows[0].hash)
  }
})

test('lists of many pages are whole', async () => {
  const ada = await users.register()
  fakeMessages.page = () => ({ items: [], nextAfter: null })
  await users.ctx.pool.query(
    `WITH people AS (
  INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
  SELECT gen_random_uuid(), 'many' || n, 'Many', '', '{}', '' FROM generate_series(1, 250) n RETURNING id
) INSERT INTO blocks (user_id, blocked_id) SELECT $1, id FROM people`,
    [ada.user.id],
  )
  const blocks = parse((await unzip(await ask(ada)))['blocks.json'])
  expect(new Set(blocks.map(({ id }: { id: string }) => id)).size).toBe(250)
})

test('nothing is fetched faster than it is taken', async () => {
  const ada = await users.register()
  fakeMessages.asked = 0
  fakeMessages.page = manyPages(120)
  const answer = await begin(ada)
  let before = -1
  await eventually(
    () => {
      const isStill = before === fakeMessages.asked && before > 0
      before = fakeMessages.asked
      expect(isStill).toBe(true)
    },
    { every: 200 },
  )
  expect(fakeMessages.asked).toBeLessThan(100)
  const files = unzipSync(new Uint8Array(await buffer(answer)))
  expect(fakeMessages.asked).toBe(120)
  expect(lines(strFromU8(files['messages.jsonl'] ?? new Uint8Array()))).toHaveLength(1200)
})

test('an export that fails midway breaks off and is not taken for whole', async () => {
  const ada = await users.register()
  fakeMessages.page = manyPages(100, 50)
  await expect(ask(ada).then((response) => response.arrayBuffer())).rejects.toThrow()

  fakeMessages.page = () => ({ items: [], nextAfter: null })
  await eventually(async () => expect((await ask(ada)).status).toBe(200))
})

test('without the messages service it is not begun', async () => {
  await using alone = await startTestUsers()
  const { accessToken: token } = await alone.register()
  const away = await alone.call(`GET ${path}`, { token })
  expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
})
