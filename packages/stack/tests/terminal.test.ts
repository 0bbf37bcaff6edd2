import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { inRoot } from '../src/config.ts'
import { freePort } from '../src/data-directory/free-port.ts'
import { lockDataDirectory } from '../src/data-directory/lock-data-directory.ts'
import { listProcesses } from '../src/data-directory/orphan-processes.ts'
import { makeDataDirectory } from './make-data-directory.ts'

const main = inRoot('packages', 'stack', 'src', 'main.ts')

test('wrong settings are named all at once, and nothing starts', async () => {
  await using directory = await makeDataDirectory()
  const { code, errors } = await start(directory.path, { PORT: 'x', MESSAGES_NODES: '-1' }).ended
  expect(code).toBe(1)
  expect(errors).toMatch(/Some settings are wrong; correct them and start again:\n.*PORT.*\n.*MESSAGES_NODES/)
})

test('a taken port fails before anything starts', async () => {
  await using directory = await makeDataDirectory()
  const port = await freePort()
  const holder = createServer().listen(port, '127.0.0.1')
  const { code, errors } = await start(directory.path, { PORT: String(port) }).ended
  holder.close()
  expect(code).toBe(1)
  expect(errors).toContain(`Port ${port} is taken by another program`)
  expect(await listProcesses(directory.path)).toEqual([])
})

test('a HOST that is not of this machine fails', async () => {
  await using directory = await makeDataDirectory()
  const { errors } = await start(directory.path, { HOST: '192.0.2.1' }).ended
  expect(errors).toContain('HOST 192.0.2.1 is no address of this machine')
})

test('a data directory in use fails', async () => {
  await using directory = await makeDataDirectory()
  await using _lock = await lockDataDirectory(directory.path)
  const { code, errors } = await start(directory.path).ended
  expect(code).toBe(1)
  expect(errors).toContain(`Finnigram already runs with its data in ${directory.path}`)
})

test('a data directory that cannot be created fails', async () => {
  const { code, errors } = await start('/etc/hostname/home').ended
  expect(code).toBe(1)
  expect(errors).toContain('/etc/hostname/home cannot be used (ENOTDIR): set FINNIGRAM_HOME to a folder')
})

test('Ctrl-C while it starts stops everything within seconds', async () => {
  await using directory = await makeDataDirectory()
  const run = start(directory.path)
  await expect
    .poll(async () => (await listProcesses(directory.path)).length, { timeout: 15_000 })
    .toBeGreaterThan(1)
  const begun = Date.now()
  run.interrupt()
  // npm passes the terminal's signal on once more.
  setTimeout(run.interrupt, 50)
  const { code } = await run.ended
  expect(code).toBe(130)
  expect(Date.now() - begun).toBeLessThan(8_000)
  expect(await listProcesses(directory.path)).toEqual([])
})

test('a second Ctrl-C kills what does not stop', async () => {
  await using directory = await makeDataDirectory()
  const run = start(directory.path)
  const redis = async () => (await listProcesses(directory.path)).find(({ name }) => name === 'redis')
  await expect.poll(redis, { timeout: 15_000 }).toBeDefined()
  process.kill((await redis())?.pid ?? 0, 'SIGSTOP')
  run.interrupt()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const begun = Date.now()
  run.interrupt()
  expect((await run.ended).code).toBe(130)
  expect(Date.now() - begun).toBeLessThan(2_000)
  await expect.poll(() => listProcesses(directory.path)).toEqual([])
})

function start(directory: string, settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FINNIGRAM_HOME: directory,
      FINNIGRAM_WEB: 'off',
      ...settings,
    },
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  child.stdout.resume()
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, errors })),
  )
  return { ended, interrupt: () => void child.kill('SIGINT') }
}
