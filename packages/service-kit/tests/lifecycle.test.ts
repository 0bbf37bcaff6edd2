import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const fixture = fileURLToPath(new URL('fixtures/process.ts', import.meta.url))

function run(behaviour: string, options: SpawnOptions = {}) {
  const child: ChildProcess = spawn(process.execPath, [fixture, behaviour], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    output: () => output,
    exited,
    says: (text: string) => expect.poll(() => output, { timeout: 10_000 }).toContain(text),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s finishes the work, closes, and exits with 0',
  async (signal) => {
    using service = run('ordinary')
    await service.says('started')
    service.child.kill(signal)
    expect(await service.exited).toBe(0)
    expect(service.output()).toBe('started\nfinishing\nclosed\n')
  },
)

test('a signal ends a start that still waits', async () => {
  using service = run('waiting')
  await service.says('waiting')
  service.child.kill('SIGTERM')
  expect(await service.exited).toBe(0)
})

test('a second signal ends a stop that hangs', async () => {
  using service = run('stuck')
  await service.says('started')
  service.child.kill('SIGTERM')
  await service.says('finishing')
  service.child.kill('SIGTERM')
  expect(await service.exited).toBe(130)
})

test('wrong settings are printed, with exit code 78', async () => {
  using service = run('misconfigured')
  expect(await service.exited).toBe(78)
  expect(service.output()).toBe('These settings are not valid:\n  REDIS_URL: is missing\n')
})

test('an uncaught error ends the process and is logged', async () => {
  using service = run('crashing')
  expect(await service.exited).toBe(1)
  expect(service.output()).toContain('nobody caught this')
})

test('a service stops when the channel to its parent closes', async () => {
  using service = run('ordinary', { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  await service.says('started')
  service.child.disconnect()
  expect(await service.exited).toBe(0)
  expect(service.output()).toContain('closed')
})

test('a service stops when the process it was started for is gone', async () => {
  using parent = run('ordinary')
  await parent.says('started')
  using service = run('ordinary', { env: { ...process.env, FINNIGRAM_PARENT_PID: String(parent.child.pid) } })
  await service.says('started')
  parent.child.kill('SIGKILL')
  expect(await service.exited).toBe(0)
  expect(service.output()).toContain('closed')
})
