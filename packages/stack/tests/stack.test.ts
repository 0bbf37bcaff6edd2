import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { listProcesses } from '../src/data-directory/orphan-processes.ts'
import { findServices, runParked } from '../src/parked.ts'
import { type Stack, startStack } from '../src/start-stack.ts'
import { openFaultInjector } from './fault-injector.ts'
import { makeDataDirectory } from './make-data-directory.ts'

const configFor = (directory: string, settings: Record<string, string> = {}) =>
  readConfig({
    PATH: process.env['PATH'],
    PORT: '0',
    FINNIGRAM_HOME: directory,
    FINNIGRAM_WEB: 'off',
    ...settings,
  })

test('a first start creates two people with a conversation; a second one finds them', async () => {
  await using directory = await makeDataDirectory()
  const passwords: string[] = []
  for (const start of ['first', 'second']) {
    await using stack = await startStack(configFor(directory.path))
    const [ada, grace] = stack.people
    expect([ada?.username, grace?.username], start).toEqual(['ada', 'grace'])
    passwords.push(ada?.password ?? '')
    const conversations = await conversationsOf(stack)
    expect(conversations, start).toHaveLength(1)
    expect(conversations[0], start).toMatchObject({ kind: 'direct', lastSeq: 8 })
    if (start === 'second') await tryParked(directory.path)
  }
  expect(passwords[1]).toBe(passwords[0])
  expect(await listProcesses(directory.path)).toEqual([])
}, 60_000)

test('any process may be killed or stopped for a while: the rest serves, and no data is lost', async () => {
  await using directory = await makeDataDirectory()
  await using stack = await startStack(configFor(directory.path))
  await stack.stop('messages')
  const away = await fetch(`${stack.url}/v1/conversations`)
  expect(away.status).toBe(503)
  expect((await fetch(`${stack.url}/.well-known/jwks.json`)).status).toBe(200)
  await stack.start('messages')
  for (const part of ['users', 'messages', 'realtime', 'redis', 'postgres'] as const) {
    const [before] = stack.pids(part)
    await stack.kill(part)
    await stack.ready(part)
    expect(stack.pids(part)[0], part).not.toBe(before)
  }
  await expect.poll(() => conversationsOf(stack).catch(() => []), { timeout: 10_000 }).toHaveLength(1)
}, 90_000)

test('with several nodes of each service, killing one of each goes unnoticed', async () => {
  await using directory = await makeDataDirectory()
  const several = { USERS_NODES: '2', MESSAGES_NODES: '2', REALTIME_NODES: '2' }
  await using stack = await startStack(configFor(directory.path, several))
  expect(stack.nodes).toHaveLength(6)
  expect(stack.pids('messages')).toHaveLength(2)
  await Promise.all([stack.kill('users', 1), stack.kill('messages', 1), stack.kill('realtime', 1)])
  expect(await conversationsOf(stack)).toHaveLength(1)
}, 60_000)

test('two stacks with data directories of their own run side by side', async () => {
  await using directory = await makeDataDirectory()
  await using otherDirectory = await makeDataDirectory()
  await using one = await startStack(configFor(directory.path))
  await using other = await startStack(configFor(otherDirectory.path, { FINNIGRAM_SEED: 'off' }))
  expect(one.url).not.toBe(other.url)
  expect(await conversationsOf(one)).toHaveLength(1)
  expect(other.people).toEqual([])
}, 90_000)

/** What the stack parks is listed by its command, tried again and dropped. */
async function tryParked(directory: string): Promise<void> {
  const parked = async (...args: string[]) => {
    let text = ''
    const write = (more: string) => {
      text += more
    }
    const code = await runParked([...args, '--json'], {
      ...(await findServices(configFor(directory))),
      write,
    })
    return { code, ...(JSON.parse(text) as { items?: { id: string; reason: string }[]; results?: object[] }) }
  }
  const listed = async (count: number) => {
    const items = async () => (await parked()).items ?? []
    await expect.poll(async () => (await items()).length, { timeout: 20_000 }).toBe(count)
    return items()
  }
  await using faults = await openFaultInjector(directory)
  const at = '2026-01-01T00:00:00.000Z'
  await faults.refuseChanges(true)
  await faults.publishUserSeen({ userId: await faults.idOf('ada'), at })
  const [failing] = await listed(1)
  expect(failing?.reason).toContain('nobody is changed now')
  expect(await parked('retry', failing?.id ?? '')).toMatchObject({ code: 1, results: [{ isDone: false }] })
  await faults.refuseChanges(false)
  expect(await parked('retry', 'event')).toMatchObject({ code: 0, results: [{ isDone: true }] })

  await faults.publishUserSeen({ userId: 'nobody', at })
  const [unreadable] = await listed(1)
  expect(await parked('drop', unreadable?.id ?? '')).toMatchObject({ code: 0, results: [{ isDone: true }] })
  await listed(0)
  expect(await parked('drop', 'nothing')).toEqual({ code: 2, results: [] })
}

/** Ada's conversations, as she sees them after signing in. */
async function conversationsOf({ url, people }: Stack): Promise<unknown[]> {
  const [ada] = people
  const login = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: ada?.username, password: ada?.password }),
  })
  const { accessToken } = (await login.json()) as { accessToken: string }
  const answer = await fetch(`${url}/v1/conversations`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return ((await answer.json()) as { items: unknown[] }).items
}
