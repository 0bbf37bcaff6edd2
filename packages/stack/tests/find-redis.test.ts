import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findRedis } from '../src/redis/find-redis.ts'
import { makeDataDirectory } from './make-data-directory.ts'

const options = (folder: string) => ({ environment: { PATH: folder }, onLine: () => {} })

test('the redis-server of the PATH is taken', async () => {
  const path = await findRedis({ environment: { PATH: process.env['PATH'] }, onLine: () => {} })
  expect(path).toMatch(/(redis|valkey)-server$/)
})

test.each(['5.0', '6.2'])('Redis %s is too old, and the message says what to do', async (version) => {
  await using directory = await makeDataDirectory()
  await program(directory.path, 'redis-server', `echo "Redis server v=${version}.7 sha=00000000:0"`)
  const advice = `redis-server is version ${version}, and Finnigram needs Redis 7 or later: upgrade it, or set REDIS_URL`
  await expect(findRedis(options(directory.path))).rejects.toThrow(advice)
})

test('without Redis and without a package manager, the sentence says what to install', async () => {
  await using directory = await makeDataDirectory()
  await expect(findRedis(options(directory.path))).rejects.toThrow(
    /found neither redis-server nor valkey-server.*install Redis 7 or later, or set REDIS_URL/,
  )
})

test('when the package manager fails, the sentence names the command to run by hand', async () => {
  await using directory = await makeDataDirectory()
  await program(directory.path, 'apt-get', 'echo "Unable to locate package" >&2; exit 100')
  await program(directory.path, 'sudo', 'shift; exec "$@"')
  await expect(findRedis(options(directory.path))).rejects.toThrow(
    /run `sudo apt-get install -y redis-server`, or set REDIS_URL.*Unable to locate package/s,
  )
})

test('what the package manager installs is used', async () => {
  await using directory = await makeDataDirectory()
  const server = join(directory.path, 'redis-server')
  await program(
    directory.path,
    'apt-get',
    `if [ "$1" = install ]; then printf '#!/bin/sh\\necho v=7.0.15\\n' > ${server}; /bin/chmod +x ${server}; fi`,
  )
  await program(directory.path, 'sudo', 'shift; exec "$@"')
  expect(await findRedis(options(directory.path))).toBe(server)
})

async function program(folder: string, name: string, body: string) {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`)
  await chmod(join(folder, name), 0o755)
}
