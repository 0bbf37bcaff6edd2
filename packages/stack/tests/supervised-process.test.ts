import { expect, test } from 'vitest'
import { endOrphans, listProcesses } from '../src/data-directory/orphan-processes.ts'
import { restartDelayMs } from '../src/process/restart-limiter.ts'
import type { Crash } from '../src/process/supervised-process.ts'
import { makeDataDirectory } from './make-data-directory.ts'
import { programOf, startHttpServer } from './start-program.ts'

test('a killed process restarts at once with a new pid and the same port', async () => {
  await using directory = await makeDataDirectory()
  const { process: server, port } = await startHttpServer(directory.path, 'server')
  await using _ = server
  const before = server.pid
  await server.kill('SIGKILL')
  expect(server.state).toBe('waiting')
  await server.healthy(5_000)
  expect(server.pid).not.toBe(before)
  expect(await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.status)).toBe(200)
})

test('a process that keeps dying restarts with backoff, and is reported with the end of its log', async () => {
  await using directory = await makeDataDirectory()
  const crashes: Crash[] = []
  await using failing = await programOf(directory.path, {
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

test('a process that never serves fails with the end of its log', async () => {
  await using directory = await makeDataDirectory()
  await using failing = await programOf(directory.path, {
    name: 'failing',
    program: 'fail-at-start',
    isHealthy: async () => false,
  })
  failing.start()
  await expect(failing.healthy(20_000)).rejects.toThrow(/failing ends as soon as it starts.*\nno luck today/)
})

test('the backoff doubles from 100 ms to 5 s', () => {
  expect([0, 1, 2, 5, 6, 40].map(restartDelayMs)).toEqual([100, 200, 400, 3200, 5000, 5000])
})

test('a stopped process stays stopped, even one that ignores SIGTERM', async () => {
  await using directory = await makeDataDirectory()
  await using stubborn = await programOf(directory.path, {
    name: 'stubborn',
    program: 'ignore-sigterm',
    stopTimeoutMs: 300,
  })
  stubborn.start()
  await expect.poll(() => stubborn.spec.log.tail()).toContain('here to stay')
  await stubborn.stop()
  expect(stubborn.pid).toBeUndefined()
  expect(stubborn.state).toBe('stopped')
  expect(await listProcesses(directory.path)).toEqual([])
})

test('the next start ends the orphans of a killed stack', async () => {
  await using directory = await makeDataDirectory()
  const { process: server } = await startHttpServer(directory.path, 'left-behind')
  await using _ = server
  expect((await listProcesses(directory.path)).map(({ name }) => name)).toEqual(['left-behind'])
  const ended = server.pid
  expect(await endOrphans(directory.path)).toEqual(['left-behind'])
  await expect.poll(() => server.pid).not.toBe(ended)
})
