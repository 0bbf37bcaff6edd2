import { chmod, cp, lstat, mkdir, readlink, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { placePostgres } from '../src/postgres/place-postgres.ts'
import { findPostgres } from '../src/postgres/postgres-binaries.ts'
import { postgresUser } from '../src/postgres/postgres-user.ts'
import { makeHome } from './make-home.ts'
import { startDatabasesForTest } from './start-databases-for-test.ts'

const isRoot = process.getuid?.() === 0

test.runIf(isRoot)(
  'root keeps its clone to itself: PostgreSQL then lives where its own user may enter',
  async () => {
    await using closed = await makeHome()
    await chmod(closed.path, 0o700)
    const home = join(closed.path, 'home')
    for (const folder of ['logs', 'run', 'redis']) await mkdir(join(home, folder), { recursive: true })
    await chmod(home, 0o711)
    const databases = await startDatabasesForTest(home)
    expect(databases.links.usersDatabase).toContain('postgresql://')
    await databases[Symbol.asyncDispose]()
    const link = join(home, 'postgres')
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    await rm(dirname(await readlink(link)), { recursive: true })
  },
)

test.runIf(isRoot)('binaries that its user cannot reach are copied, once', async () => {
  await using closed = await makeHome()
  const installed = join(closed.path, 'native')
  await mkdir(join(installed, 'bin'), { recursive: true })
  await cp(join(await findPostgres(), 'bin', 'postgres'), join(installed, 'bin', 'postgres'))
  await chmod(closed.path, 0o700)
  await using home = await makeHome()
  const user = await postgresUser()
  const first = await placePostgres({ home: home.path, installed, user })
  const second = await placePostgres({ home: home.path, installed, user })
  expect(first.binaries).toMatch(/^\/var\/lib\/finnigram\/postgresql-/)
  expect(second.binaries).toBe(first.binaries)
  expect(first.data).toBe(join(home.path, 'postgres'))
  await rm(first.binaries, { recursive: true })
})

test('an ordinary user runs PostgreSQL from where npm put it', async () => {
  await using home = await makeHome()
  const place = await placePostgres({ home: home.path, installed: '/elsewhere', user: undefined })
  expect(place).toEqual({ binaries: '/elsewhere', data: join(home.path, 'postgres') })
})
