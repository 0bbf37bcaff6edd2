import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { inRoot } from '../src/config.ts'
import { lockDataDirectory } from '../src/data-directory/lock-data-directory.ts'
import { processIdentity } from '../src/data-directory/orphan-processes.ts'
import type { LockDirectories } from './lock-directories.ts'
import { makeDataDirectory } from './make-data-directory.ts'

test('a second start on the same home is told where the first one answers', async () => {
  await using home = await makeDataDirectory()
  await using lock = await lockDataDirectory(home.path)
  await lock.announce('http://localhost:8080')
  await expect(lockDataDirectory(home.path)).rejects.toThrow(
    /already runs with its data in .* at http:\/\/localhost:8080 .*FINNIGRAM_HOME and PORT/,
  )
})

test('of two starts at the same moment exactly one gets the home', async () => {
  await using home = await makeDataDirectory()
  const homes = Array.from({ length: 300 }, (_, i) => join(home.path, String(i)))
  await Promise.all(homes.map((path) => mkdir(path)))
  const threads = 2
  const arrived = new Int32Array(new SharedArrayBuffer(4))
  const workerData: LockDirectories = { homes, arrived, threads }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./lock-directories.ts', import.meta.url), { workerData }),
  )
  const taken = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message')) as [string[]]),
  )
  await Promise.all(workers.map((worker) => worker.terminate()))
  expect(taken.flat(2).toSorted()).toEqual(homes.toSorted())
})

test('a home that was given back, or whose stack was killed, can be taken at once', async () => {
  await using home = await makeDataDirectory()
  await (await lockDataDirectory(home.path))[Symbol.asyncDispose]()
  const killed = holdElsewhere(home.path)
  try {
    await once(killed.stdout, 'data')
    await expect(lockDataDirectory(home.path)).rejects.toThrow(`(process ${killed.pid})`)
  } finally {
    killed.kill('SIGKILL')
    await once(killed, 'close')
  }
  await using lock = await lockDataDirectory(home.path)
  expect(lock).toBeDefined()
})

/** A process that takes the home, says so and keeps it. */
function holdElsewhere(home: string) {
  const module = inRoot('packages', 'stack', 'src', 'data-directory', 'lock-data-directory.ts')
  const program = `
    globalThis.lock = await (await import(process.argv[1])).lockDataDirectory(process.argv[2])
    console.log('held')
    setInterval(() => {}, 1_000)`
  return spawn(process.execPath, ['--input-type=module', '-e', program, module, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('a process that has ended has no identity', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  const pid = child.pid ?? 0
  expect(await processIdentity(pid)).toBeTypeOf('string')
  await once(child, 'close')
  expect(await processIdentity(pid)).toBeUndefined()
})
