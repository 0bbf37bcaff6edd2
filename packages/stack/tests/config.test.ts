import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig, readEnvironment, root } from '../src/config.ts'
import { makeDataDirectory } from './make-data-directory.ts'

test('without settings the stack is embedded, on port 8080, for this machine only', () => {
  const config = readConfig({})
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    dataDirectory: join(root, '.finnigram'),
    nodes: { users: 1, messages: 1, realtime: 1 },
    rateLimitScale: 1,
    web: true,
    seed: true,
  })
})

test('every mistake is named at once, and no value is shown', () => {
  const settings = {
    PORT: 'eighty',
    REDIS_URL: 'http://u:secret@x',
    MESSAGES_NODES: '0',
    FINNIGRAM_WEB: 'maybe',
  }
  expect(() => readConfig(settings)).toThrow(/PORT.*\n.*REDIS_URL.*\n.*MESSAGES_NODES.*\n.*FINNIGRAM_WEB/)
  expect(() => readConfig(settings)).not.toThrow(/secret/)
})

test('an empty setting counts as absent', () => {
  expect(readConfig({ PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8080, redisUrl: undefined })
})

test('a database of your own is not filled with two demo people', () => {
  expect(readConfig({ USERS_DATABASE_URL: 'postgresql://u@h/users' }).seed).toBe(false)
})

test('the environment overrides the settings of .env', async () => {
  await using directory = await makeDataDirectory()
  const path = join(directory.path, '.env')
  expect(readEnvironment(path, { PORT: '1' })).toEqual({ PORT: '1' })
  await writeFile(path, '# a comment\nPORT=8081\nMAIL_FROM="Chat <chat@example.org>"\n#HOST=0.0.0.0\n')
  expect(readEnvironment(path, { PORT: '1' })).toEqual({
    PORT: '1',
    MAIL_FROM: 'Chat <chat@example.org>',
  })
})
