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

test('a second start on the same directory fails and names the address of the first', async () => {
  await using directory = await makeDataDirectory()
  await using lock = await lockDataDirectory(directory.path)
  await lock.announce('http://localhost:8080')
  await expect(lockDataDirectory(directory.path)).rejects.toThrow(
    /already runs with its data in .* at http:\/\/localhost:8080 .*FINNIGRAM_HOME and PORT/,
  )
})

test('of two starts at the same moment exactly one gets the directory', async () => {
  await using directory = await makeDataDirectory()
  const directories = Array.from({ length: 300 }, (_, i) => join(directory.path, String(i)))
  await Promise.all(directories.map((path) => mkdir(path)))
  const threads = 2
  const arrived = new Int32Array(new SharedArrayBuffer(4))
  const workerData: LockDirectories = { directories, arrived, threads }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./lock-directories.ts', import.meta.url), { workerData }),
  )
  const taken = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message')) as [string[]]),
  )
  await Promise.all(workers.map((worker) => worker.terminate()))
  expect(taken.flat(2).toSorted()).toEqual(directories.toSorted())
})

test('a directory that was released, or whose stack was killed, can be locked at once', async () => {
  await using directory = await makeDataDirectory()
  await (await lockDataDirectory(directory.path))[Symbol.asyncDispose]()
  const killed = holdElsewhere(directory.path)
  try {
    await once(killed.stdout, 'data')
    await expect(lockDataDirectory(directory.path)).rejects.toThrow(`(process ${killed.pid})`)
  } finally {
    killed.kill('SIGKILL')
    await once(killed, 'close')
  }
  await using lock = await lockDataDirectory(directory.path)
  expect(lock).toBeDefined()
})

/** A process that takes the directory, says so and keeps it. */
function holdElsewhere(directory: string) {
  const module = inRoot('packages', 'stack', 'src', 'data-directory', 'lock-data-directory.ts')
  const program = `
    globalThis.lock = await (await import(process.argv[1])).lockDataDirectory(process.argv[2])
    console.log('held')
    setInterval(() => {}, 1_000)`
  return spawn(process.execPath, ['--input-type=module', '-e', program, module, directory], {
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
