import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cluster } from '../cluster/cluster.ts'
import { startCluster } from '../cluster/start-cluster.ts'
import { planFaults } from './plan-faults.ts'
import { runFaults } from './run-faults.ts'

let folder: string
let cluster: Cluster

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finnigram-faults-'))
  cluster = await startCluster({ folder, nodes: { users: 1, messages: 1, realtime: 1 } })
}, 60_000)
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
}, 30_000)

test('a schedule is carried out on a running cluster, logged, and leaves everything well', async () => {
  const begun = performance.now()
  const now = () => performance.now() - begun
  // Every kind once, in a tenth of the time.
  const schedule = planFaults({ seed: 7, forMs: 75_000, targets: cluster.targets }).map(
    ({ atMs, fault }) => ({
      atMs: atMs / 10,
      fault: 'forMs' in fault ? { ...fault, forMs: fault.forMs / 10 } : fault,
    }),
  )

  const log = await runFaults(cluster, { schedule, now })
  await cluster.heal()

  expect(log.map(({ fault }) => fault)).toEqual(schedule.map(({ fault }) => fault))
  expect(log.filter(({ error, from, to }) => error !== undefined || to === null || to < from)).toEqual([])
  await expect.poll(health, { timeout: 3000 }).toBe('ready')
  expect(cluster.crashes).toEqual([])
  expect(Object.keys(await cluster.stalls()).toSorted()).toEqual(['gateway', 'messages', 'realtime', 'users'])
}, 90_000)

test('a process that is stopped stays away until it is brought back', async () => {
  const messages = { part: 'messages', index: 0 } as const
  await cluster.stop(messages)
  // The gateway remembers an answer for a second.
  await expect.poll(health, { timeout: 3000 }).toBe('down')
  await cluster.start(messages)
  await expect.poll(health, { timeout: 3000 }).toBe('ready')
}, 30_000)

test('a process that ends without having been asked to is told', async () => {
  process.kill(await pidOf('users'), 'SIGKILL')
  await expect.poll(() => cluster.crashes.length, { timeout: 10_000 }).toBe(1)
  expect(cluster.crashes).toEqual([{ name: 'users', at: expect.any(String), code: 'SIGKILL' }])
}, 30_000)

const health = async () =>
  ((await (await fetch(`${cluster.url}/health`)).json()) as { status: string }).status

/** As the stack notes it in its home. */
async function pidOf(name: string): Promise<number> {
  const [home = ''] = await readdir(folder)
  const record = await readFile(join(folder, home, 'run', `${name}.json`), 'utf8')
  return (JSON.parse(record) as { pid: number }).pid
}
