import { chmod, cp, lstat, mkdir, readlink, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareDataDirectory } from '../src/data-directory/prepare-data-directory.ts'
import { findPostgres, placePostgres, postgresUser } from '../src/postgres/place-postgres.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { startDatabasesForTest } from './start-databases-for-test.ts'

const unsaid = { password: 'secret', say: () => undefined }
const isRoot = process.getuid?.() === 0

test.runIf(isRoot)(
  'root keeps its clone to itself: PostgreSQL then lives where its own user may enter',
  async () => {
    await using closed = await makeDataDirectory()
    await chmod(closed.path, 0o700)
    const directory = join(closed.path, 'home')
    await prepareDataDirectory(directory)
    const databases = await startDatabasesForTest(directory)
    expect(databases.links.usersDatabase).toContain('postgresql://')
    await databases[Symbol.asyncDispose]()
    const link = join(directory, 'postgres')
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    const earlier = dirname(await readlink(link))

    // Deleting the directory starts anew, and a line names what is left of the old one.
    await rm(directory, { recursive: true })
    await prepareDataDirectory(directory)
    const said: string[] = []
    const anew = await startDatabasesForTest(directory, (line) => said.push(line))
    await anew[Symbol.asyncDispose]()
    expect(said).toEqual([expect.stringContaining(`This deletes them: rm -r ${earlier}`)])
    const present = dirname(await readlink(link))
    expect(present).not.toBe(earlier)
    await rm(present, { recursive: true })
    await rm(earlier, { recursive: true })
  },
)

test('data that PostgreSQL cannot reach fails the start', async () => {
  await using closed = await makeDataDirectory()
  await mkdir(join(closed.path, 'home', 'postgres'), { recursive: true })
  await chmod(closed.path, 0o700)
  const directory = join(closed.path, 'home')
  const user = { uid: 65_533, gid: 65_533 }
  await expect(placePostgres({ ...unsaid, dataDirectory: directory, installed: '/', user })).rejects.toThrow(
    /cannot reach .*home\/postgres/,
  )
})

test.runIf(isRoot)('binaries that its user cannot reach are copied, once', async () => {
  await using closed = await makeDataDirectory()
  const installed = join(closed.path, 'native')
  await mkdir(join(installed, 'bin'), { recursive: true })
  await cp(join(await findPostgres(), 'bin', 'postgres'), join(installed, 'bin', 'postgres'))
  await chmod(closed.path, 0o700)
  await using directory = await makeDataDirectory()
  const user = await postgresUser()
  const first = await placePostgres({ ...unsaid, dataDirectory: directory.path, installed, user })
  const second = await placePostgres({ ...unsaid, dataDirectory: directory.path, installed, user })
  expect(first.binaries).toMatch(/^\/var\/lib\/finnigram\/postgresql-/)
  expect(second.binaries).toBe(first.binaries)
  expect(first.data).toBe(join(directory.path, 'postgres'))
  await rm(first.binaries, { recursive: true })
})

test('an ordinary user runs PostgreSQL from where npm put it', async () => {
  await using directory = await makeDataDirectory()
  const place = await placePostgres({
    ...unsaid,
    dataDirectory: directory.path,
    installed: '/elsewhere',
    user: undefined,
  })
  expect(place).toEqual({ binaries: '/elsewhere', data: join(directory.path, 'postgres') })
})
