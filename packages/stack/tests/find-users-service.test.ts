import pg from 'pg'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { findUsersService } from '../src/rotate-keys.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { startDatabasesForTest } from './start-databases-for-test.ts'

test('the users database of a stack that runs is found, with the key to its secrets', async () => {
  await using directory = await makeDataDirectory()
  const config = readConfig({ FINNIGRAM_HOME: directory.path })
  await expect(findUsersService(config)).rejects.toThrow(/FINNIGRAM_HOME/)
  {
    await using _databases = await startDatabasesForTest(directory.path)
    const found = await findUsersService(config)
    expect(Buffer.from(found.SECRETS_KEY, 'base64')).toHaveLength(32)
    const client = new pg.Client(found.DATABASE_URL)
    await client.connect()
    expect((await client.query('SELECT current_database() AS name')).rows).toEqual([{ name: 'users' }])
    await client.end()
  }
  await expect(findUsersService(config)).rejects.toThrow(/npm start/)
})

test('a database of your own needs a key of your own', async () => {
  const own = { USERS_DATABASE_URL: 'postgresql://me@db/users', SECRETS_KEY: 'mine' }
  expect(await findUsersService(readConfig(own))).toEqual({
    DATABASE_URL: own.USERS_DATABASE_URL,
    SECRETS_KEY: 'mine',
  })
})
