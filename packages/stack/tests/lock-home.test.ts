import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockHome } from '../src/home/lock-home.ts'
import { processIdentity } from '../src/home/process-identity.ts'
import { makeHome } from './make-home.ts'

test('a second start on the same home is told where the first one answers', async () => {
  await using home = await makeHome()
  await using lock = await lockHome(home.path)
  await lock.announce('http://localhost:8080')
  await expect(lockHome(home.path)).rejects.toThrow(
    /already runs with its data in .* at http:\/\/localhost:8080 .*FINNIGRAM_HOME and PORT/,
  )
})

test('of many starts at once on a stale lock exactly one gets the home', async () => {
  await using home = await makeHome()
  await writeFile(join(home.path, 'stack.lock'), JSON.stringify({ pid: 999_999_999, identity: 'gone' }))
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockHome(home.path)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a process number that has been given to another process does not hold the home', async () => {
  await using home = await makeHome()
  await writeFile(join(home.path, 'stack.lock'), JSON.stringify({ pid: process.pid, identity: 'earlier' }))
  await using lock = await lockHome(home.path)
  expect(lock).toBeDefined()
})

test('a process that has ended has no identity', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  const pid = child.pid ?? 0
  expect(await processIdentity(pid)).toBeTypeOf('string')
  await once(child, 'close')
  expect(await processIdentity(pid)).toBeUndefined()
})
