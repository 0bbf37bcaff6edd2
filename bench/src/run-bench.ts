import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '@finnigram/contracts'
import { newId } from '@finnigram/contracts'
import { messageText } from './frames.ts'
import type { Person } from './people.ts'
import { call, type Group, makeGroups, openSocket, openSockets, registerPeople } from './people.ts'
import { residentBytes } from './process-usage.ts'
import type { LatencySummary } from './report.ts'
import { describeLatency, reportFigure, reportMachine, reportTitle, summarise } from './report.ts'
import { type LoadResult, runLoad } from './run-load.ts'

import { type BenchServer, startServer } from './start-server.ts'

/** What one run of the load looks like. */
interface Scenario {
  name: string
  people: number
  groupSize: number
  rate: number
  seconds: number
}

/** The scenarios of `npm run bench`, smallest first. */
const scenarios: readonly Scenario[] = [
  { name: '200 people, groups of 10', people: 200, groupSize: 10, rate: 100, seconds: 15 },
  { name: '1000 people, groups of 10', people: 1000, groupSize: 10, rate: 100, seconds: 20 },
  { name: '1000 people, groups of 100', people: 1000, groupSize: 100, rate: 50, seconds: 20 },
]

/** Rates tried one after the other by `--capacity`, in sends a second. */
const capacityRates = [250, 500, 750, 1000, 1500, 2000, 2500, 3000]

export interface BenchOptions {
  /** Also looks for the highest rate that keeps p99 under 500 ms. */
  capacity: boolean
  /** Length of each run, where the scenario's own is not wanted. */
  seconds: number | undefined
  /** Leaves out scenarios with more people than this. */
  people: number | undefined
}

/**
 * Measures a fresh server on this machine and prints the figures. Answers the exit code: 1 when
 * anything was lost, doubled or refused.
 */
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

interface HistoryPage {
  items: Message[]
  lastSeq: number
  hasBefore: boolean
}

/**
 * Reads each group's whole history and counts what breaks the promise: holes or twins in `seq`, and
 * ids stored twice.
 */
async function checkArchive(
  url: string,
  groups: readonly Group[],
): Promise<{ messages: number; broken: number }> {
  let messages = 0
  let broken = 0
  for (const { id, members } of groups) {
    const ids = new Set<string>()
    let expected: number | undefined
    let before: number | undefined
    for (let more = true; more; ) {
      const query = before === undefined ? '' : `&before=${before}`
      const page = await call<HistoryPage>(url, `/v1/conversations/${id}/messages?limit=100${query}`, {
        token: members[0]?.token ?? '',
      })
      expected ??= page.lastSeq
      for (const message of page.items.toReversed()) {
        if (message.seq !== expected || ids.has(message.id)) broken += 1
        ids.add(message.id)
        expected = message.seq - 1
      }
      messages += page.items.length
      before = page.items[0]?.seq
      more = page.hasBefore
    }
    if (expected !== 0 && ids.size > 0) broken += 1
  }
  return { messages, broken }
}

/**
 * On an idle server: one person sends by REST, the clock stops at the other's socket. Answers
 * milliseconds.
 */
async function measureIdleLatency(url: string, group: Group, count = 300): Promise<LatencySummary> {
  const [sender, receiver] = group.members
  if (sender === undefined || receiver === undefined) throw new Error('It takes two')
  let arrived: (at: number) => void = () => {}
  const socket = await openSocket(receiver, (_numbers, at) => arrived(at))
  const samples: number[] = []
  for (let number = 0; number < count + 20; number += 1) {
    const arrival = new Promise<number>((resolve) => {
      arrived = resolve
    })
    const sentAt = performance.now()
    const body = { id: newId(), text: messageText(number) }
    await Promise.all([
      call(url, `/v1/conversations/${group.id}/messages`, { token: sender.token, body }),
      arrival,
    ])
    const latency = (await arrival) - sentAt
    if (number >= 20) samples.push(latency)
    await sleep(10)
  }
  socket.close()
  return summarise(samples)
}

/** Resident bytes that each joined, silent socket adds to the realtime processes. */
async function measureIdleSocket(
  people: readonly Person[],
  realtimePids: readonly number[],
): Promise<number> {
  const resident = () => realtimePids.reduce((sum, pid) => sum + residentBytes(pid), 0)
  const before = resident()
  const sockets = await openSockets(people)
  await sleep(5_000)
  const perSocket = (resident() - before) / people.length
  for (const socket of sockets) socket.close()
  await sleep(1_000)
  return perSocket
}

/** Prints one run. */
function reportLoad(result: LoadResult): void {
  reportFigure('send → receive', describeLatency(result.latency))
  reportFigure('send → acknowledged', describeLatency(result.acknowledged))
  reportFigure(
    'sends',
    `${(result.sends / result.seconds).toFixed(0)}/s (${result.sends}, ${result.refused} refused)`,
  )
  reportFigure(
    'deliveries',
    `${(result.deliveries / result.seconds).toFixed(0)}/s (${result.missing} lost, ${result.doubled} doubled)`,
  )
  reportFigure('CPU per 1,000 deliveries', `${result.cpuPerThousandDeliveries.toFixed(3)} s`)
}
