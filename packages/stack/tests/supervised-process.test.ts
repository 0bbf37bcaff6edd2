import { expect, test } from 'vitest'
import { endLeftovers, listProcesses } from '../src/data-directory/orphan-processes.ts'
import { restartDelayMs } from '../src/process/restart-delay.ts'
import type { Crash } from '../src/process/supervised-process.ts'
import { makeHome } from './make-data-directory.ts'
import { programOf, startEcho } from './start-program.ts'

test('a killed process is back at once, under a new number and the same address', async () => {
  await using home = await makeHome()
  const { process: echo, port } = await startEcho(home.path, 'echo')
  await using _ = echo
  const before = echo.pid
  await echo.kill('SIGKILL')
  expect(echo.state).toBe('waiting')
  await echo.healthy(5_000)
  expect(echo.pid).not.toBe(before)
  expect(await fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.status)).toBe(200)
})

test('a process that keeps dying is restarted less and less eagerly, and reported with the end of its log', async () => {
  await using home = await makeHome()
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
  await using home = await makeHome()
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
  await using home = await makeHome()
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
  await using home = await makeHome()
  const { process: echo } = await startEcho(home.path, 'left-behind')
  await using _ = echo
  expect((await listProcesses(home.path)).map(({ name }) => name)).toEqual(['left-behind'])
  const ended = echo.pid
  expect(await endLeftovers(home.path)).toEqual(['left-behind'])
  await expect.poll(() => echo.pid).not.toBe(ended)
})
