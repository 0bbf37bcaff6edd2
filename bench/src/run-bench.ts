import { checkArchive } from './check-archive.ts'
import { describeLatency } from './latencies.ts'
import { measureIdleLatency } from './measure-latency.ts'
import { measureIdleSocket } from './measure-memory.ts'
import type { Person } from './person.ts'
import { type Group, makeGroups, registerPeople } from './population.ts'
import { reportFigure, reportLoad, reportMachine, reportTitle } from './report.ts'
import { type LoadResult, runLoad } from './run-load.ts'
import { capacityRates, type Scenario, scenarios } from './scenarios.ts'
import { type BenchServer, startServer } from './start-server.ts'

export interface BenchOptions {
  /** Also looks for the highest rate that keeps p99 under 500 ms. */
  capacity: boolean
  /** Length of each run, where the scenario's own is not wanted. */
  seconds: number | undefined
  /** Leaves out scenarios with more people than this. */
  people: number | undefined
}

/** Measures a fresh server on this machine and prints the figures. Answers the exit code: 1 when anything was lost, doubled or refused. */
export async function runBench({
  capacity,
  seconds,
  people: most = Number.POSITIVE_INFINITY,
}: BenchOptions): Promise<number> {
  await using server = await startServer()
  reportMachine(server.pinned)
  const wanted = scenarios.filter((scenario) => scenario.people <= most)
  const people = await registerPeople(
    server.url,
    'bench',
    Math.max(...wanted.map((scenario) => scenario.people)),
  )

  // Before any load has grown the heap, which would then hold the sockets for nothing.
  reportTitle(`Memory: ${people.length} joined, silent sockets`)
  const bytes = await measureIdleSocket(people, server.realtimePids)
  reportFigure('per socket', `${(bytes / 1000).toFixed(1)} kB`)

  const [pair] = await makeGroups(server.url, people.slice(0, 2), 2)
  if (pair === undefined) throw new Error('There is nobody to measure with')
  reportTitle('Idle: one message by REST to the other person’s socket')
  reportFigure('send → receive', describeLatency(await measureIdleLatency(server.url, pair)))

  const failures: string[] = []
  for (const scenario of wanted) {
    const plan = { ...scenario, seconds: seconds ?? scenario.seconds }
    const { groups, result } = await runScenario(server, people, plan)
    failures.push(...(await faults(server, groups, { name: scenario.name, result })))
  }
  if (capacity) await findCapacity(server, people)

  reportTitle(failures.length === 0 ? 'Nothing was lost, doubled or refused.' : failures.join('\n'))
  return failures.length === 0 ? 0 : 1
}

async function runScenario(server: BenchServer, people: readonly Person[], scenario: Scenario) {
  reportTitle(`${scenario.name}, ${scenario.rate} sends/s for ${scenario.seconds} s`)
  const groups = await makeGroups(server.url, people.slice(0, scenario.people), scenario.groupSize)
  const result = await runLoad({
    groups,
    rate: scenario.rate,
    seconds: scenario.seconds,
    serverPids: server.pids,
  })
  reportLoad(result)
  return { groups, result }
}

async function faults(
  server: BenchServer,
  groups: readonly Group[],
  { name, result }: { name: string; result: LoadResult },
): Promise<string[]> {
  const archive = await checkArchive(server.url, groups)
  const found = {
    refused: result.refused,
    lost: result.missing,
    doubled: result.doubled,
    'out of order in the archive': archive.broken,
    'missing in the archive': result.sends - archive.messages,
  }
  return Object.entries(found).flatMap(([what, count]) => (count === 0 ? [] : [`${name}: ${count} ${what}`]))
}

/** Raises the rate until p99 passes 500 ms or anything is lost. */
async function findCapacity(server: BenchServer, people: readonly Person[]): Promise<void> {
  for (const groupSize of [10, 100]) {
    for (const rate of capacityRates.map((each) => (groupSize === 100 ? each / 5 : each))) {
      const scenario = {
        name: `capacity, groups of ${groupSize}`,
        people: people.length,
        groupSize,
        rate,
        seconds: 10,
      }
      const { result } = await runScenario(server, people, scenario)
      if (result.latency.p99 > 500 || result.missing > 0 || result.refused > 0) break
    }
  }
}
