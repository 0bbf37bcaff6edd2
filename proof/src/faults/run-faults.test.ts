import { expect, test } from 'vitest'
import { startCluster } from '../cluster/start-cluster.ts'
import { planFaults } from './plan-faults.ts'
import { runFaults } from './run-faults.ts'

test('a schedule is carried out on a running cluster, logged, and leaves everything well', async () => {
  await using cluster = await startCluster({ nodes: { users: 1, messages: 1, realtime: 1 } })
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
  expect(await (await fetch(`${cluster.url}/health`)).json()).toMatchObject({ status: 'ready' })
  expect(cluster.crashes).toEqual([])
  expect(Object.keys(await cluster.stalls()).toSorted()).toEqual(['gateway', 'messages', 'realtime', 'users'])
}, 90_000)
