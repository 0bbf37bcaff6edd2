import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inRoot } from '../src/config.ts'
import { listProcesses } from '../src/data-directory/orphan-processes.ts'
import { descendants } from '../src/process-handles.ts'
import { makeDataDirectory } from './make-data-directory.ts'

let directory: Awaited<ReturnType<typeof makeDataDirectory>>
let development: ChildProcess
let output = ''
let url = ''

beforeAll(async () => {
  directory = await makeDataDirectory()
  development = spawn(process.execPath, [inRoot('packages', 'stack', 'start.mjs'), '--dev'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', FINNIGRAM_HOME: directory.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  development.stdout?.on('data', (chunk) => {
    output += chunk
  })
  await vi.waitFor(() => expect(output).toContain('Ctrl-C stops it'), { timeout: 240_000, interval: 500 })
  url = /is up after .*: +(\S+)/.exec(output)?.[1] ?? ''
}, 300_000)

afterAll(async () => {
  if (development.exitCode === null) {
    const closed = once(development, 'close')
    development.kill('SIGINT')
    await closed
  }
  await directory[Symbol.asyncDispose]()
})

/** Process numbers by name. */
const pids = async () =>
  Object.fromEntries((await listProcesses(directory.path)).map(({ name, pid }) => [name, pid]))

const touch = (...path: string[]) => utimes(inRoot(...path), new Date(), new Date())

test('the app comes from Metro at the origin of the API, fast refresh included', async () => {
  const page = await (await fetch(url)).text()
  expect(page).toContain('.bundle?platform=web&dev=true')
  const socket = new WebSocket(`${url.replace('http', 'ws')}/hot`)
  await once(socket, 'open')
  socket.close()
  expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200)
  expect((await fetch(`${url}/v1/unknown`)).status).toBe(404)
})

test('a changed service restarts, and nothing else does', async () => {
  const before = await pids()
  await touch('services', 'users', 'src', 'main.ts')
  await expect
    .poll(() => output, { timeout: 60_000 })
    .toMatch(/↻ users restarted in .* s \(services\/users\/src\/main\.ts\)/)
  const { users, ...others } = await pids()
  const { users: usersBefore, ...othersBefore } = before
  expect(users).not.toBe(usersBefore)
  expect(others).toEqual(othersBefore)
  expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200)
})

test('a changed gateway takes over the port, and no process restarts', async () => {
  const before = await pids()
  await touch('packages', 'gateway', 'src', 'metrics.ts')
  await expect
    .poll(() => output, { timeout: 60_000 })
    .toMatch(/↻ gateway restarted in .* s \(packages\/gateway\/src\/metrics\.ts\)/)
  expect(await pids()).toEqual(before)
  expect(await (await fetch(url)).text()).toContain('.bundle?platform=web&dev=true')
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

test('Ctrl-C ends everything', async () => {
  const started = descendants(development.pid ?? 0)
  const closed = once(development, 'close')
  development.kill('SIGINT')
  expect(await closed).toEqual([0, null])
  expect(await listProcesses(directory.path)).toEqual([])
  const isRunning = (pid: number) => existsSync(`/proc/${pid}`)
  await expect.poll(() => started.filter(isRunning), { timeout: 10_000 }).toEqual([])
})
