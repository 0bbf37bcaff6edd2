import { expect, test } from 'vitest'
import { endOrphans, listProcesses } from '../src/data-directory/orphan-processes.ts'
import { restartDelayMs } from '../src/process/restart-limiter.ts'
import type { Crash } from '../src/process/supervised-process.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { programOf, startHttpServer } from './start-program.ts'

test('a killed process is back at once, under a new number and the same address', async () => {
  await using home = await makeDataDirectory()
  const { process: server, port } = await startHttpServer(home.path, 'server')
  await using _ = server
  const before = server.pid
  await server.kill('SIGKILL')
  expect(server.state).toBe('waiting')
  await server.healthy(5_000)
  expect(server.pid).not.toBe(before)
  expect(await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.status)).toBe(200)
})

test('a process that keeps dying is restarted less and less eagerly, and reported with the end of its log', async () => {
  await using home = await makeDataDirectory()
  const crashes: Crash[] = []
  await using failing = await programOf(home.path, {
    name: 'failing',
    program: 'fail-at-start',
    isHealthy: async () => false,
    onCrash: (crash) => crashes.push(crash),
  })
  failing.start()
  await expect.poll(() => crashes.length, { timeout: 5_000 }).toBe(3)
  expect(crashes.map(({ restartInMs }) => restartInMs)).toEqual([100, 200, 400])
  expect(crashes[0]).toMatchObject({
    name: 'failing',
    how: 'ended with code 3',
    tail: 'no luck today',
    count: 1,
  })
})

test('a process that never serves is given up with the end of its log', async () => {
  await using home = await makeDataDirectory()
  await using failing = await programOf(home.path, {
    name: 'failing',
    program: 'fail-at-start',
    isHealthy: async () => false,
  })
  failing.start()
  await expect(failing.healthy(20_000)).rejects.toThrow(/failing ends as soon as it starts.*\nno luck today/)
})

test('delays double from 100 ms to 5 s', () => {
  expect([0, 1, 2, 5, 6, 40].map(restartDelayMs)).toEqual([100, 200, 400, 3200, 5000, 5000])
})

test('a stopped process stays stopped, even one that does not listen', async () => {
  await using home = await makeDataDirectory()
  await using stubborn = await programOf(home.path, {
    name: 'stubborn',
    program: 'ignore-sigterm',
    patienceMs: 300,
  })
  stubborn.start()
  await expect.poll(() => stubborn.spec.log.tail()).toContain('here to stay')
  await stubborn.stop()
  expect(stubborn.pid).toBeUndefined()
  expect(stubborn.state).toBe('stopped')
  expect(await listProcesses(home.path)).toEqual([])
})

test('what a killed stack left running is ended by the next one', async () => {
  await using home = await makeDataDirectory()
  const { process: server } = await startHttpServer(home.path, 'left-behind')
  await using _ = server
  expect((await listProcesses(home.path)).map(({ name }) => name)).toEqual(['left-behind'])
  const ended = server.pid
  expect(await endOrphans(home.path)).toEqual(['left-behind'])
  await expect.poll(() => server.pid).not.toBe(ended)
})
