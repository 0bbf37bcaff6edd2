import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { lockHome } from '../src/home/lock-home.ts'
import { processIdentity } from '../src/home/process-identity.ts'
import { inRoot } from '../src/root.ts'
import { makeHome } from './make-home.ts'

test('a second start on the same home is told where the first one answers', async () => {
  await using home = await makeHome()
  await using lock = await lockHome(home.path)
  await lock.announce('http://localhost:8080')
  await expect(lockHome(home.path)).rejects.toThrow(
    /already runs with its data in .* at http:\/\/localhost:8080 .*FINNIGRAM_HOME and PORT/,
  )
})

test('of many starts at once exactly one gets the home', async () => {
  await using home = await makeHome()
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockHome(home.path)))
  const taken = results.filter(({ status }) => status === 'fulfilled')
  expect(taken).toHaveLength(1)
})

test('a home that was given back, or whose stack was killed, can be taken at once', async () => {
  await using home = await makeHome()
  await (await lockHome(home.path))[Symbol.asyncDispose]()
  const killed = holdElsewhere(home.path)
  await once(killed.stdout, 'data')
  await expect(lockHome(home.path)).rejects.toThrow(`(process ${killed.pid})`)
  killed.kill('SIGKILL')
  await once(killed, 'close')
  await using lock = await lockHome(home.path)
  expect(lock).toBeDefined()
})

/** A process that takes the home, says so and keeps it. */
function holdElsewhere(home: string) {
  const module = inRoot('packages', 'stack', 'src', 'home', 'lock-home.ts')
  const program = `
    globalThis.lock = await (await import(process.argv[1])).lockHome(process.argv[2])
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
