import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { describeLatency, summarise } from '../latencies.ts'
import { reportFigure, reportMachine, reportTitle } from '../report.ts'
import { type BenchServer, startServer } from '../start-server.ts'
import { cpuByPart, parts } from './cpu-by-part.ts'
import { type FilledGroup, filledVersion, fillGroups } from './fill-groups.ts'
import { fillUsers } from './fill-users.ts'
import { issueTokens } from './issue-tokens.ts'
import { startTraffic, type Traffic, type Writer } from './other-traffic.ts'
import { endRequests } from './request.ts'
import { openDevice, type StormDevice } from './storm-device.ts'
import { type ConnectionWatch, watchConnections } from './watch-connections.ts'

export interface StormOptions {
  sockets: number
  /** Sends a second by others, and as many reads. */
  rate: number
}

const nodes = 2
const others = 100
const groupsEach = 5
const groupSize = 10
/** How long the other traffic is measured before the storm. */
const calmMs = 20_000
/** Milliseconds. */
const bar = 60_000
const patienceMs = 180_000

/** Has every realtime node die under `sockets` sockets, and measures how they come back and what that costs everyone else. Answers the exit code: 1 when a bar is missed. */
export async function measureStorm({ sockets, rate }: StormOptions): Promise<number> {
  await using server = await startServer({ nodes, pins: false, settings: ownSettings() })
  reportMachine(server.pinned)
  const { devices, writers, pool } = await prepare(server, sockets)
  await using _ = pool
  await arrive(devices)
  await using watch = await watchConnections(pool)
  const traffic = startTraffic(server.url, writers, rate)
  await sleep(calmMs)

  const killedAt = performance.now()
  const cpuBefore = cpuByPart(server.pid)
  const loadBefore = process.cpuUsage()
  server.killRealtime()
  const seconds = await untilSynced(devices, killedAt)
  const endedAt = performance.now()
  const cpuAfter = cpuByPart(server.pid)
  const load = process.cpuUsage(loadBefore)
  await sleep(2000)
  await traffic.stop()
  await sleep(2000)

  reportTitle(`Both realtime nodes killed under ${sockets} sockets`)
  const isFine = [
    reportReturn(devices, killedAt),
    reportTraffic(traffic, { killedAt, endedAt }),
    reportDatabase(watch),
    reportGaps(devices, traffic),
  ].every(Boolean)
  const spent = parts.map(
    (part) => `${part} ${(cpuAfter[part] - (part === 'realtime' ? 0 : cpuBefore[part])).toFixed(1)}`,
  )
  reportFigure('CPU seconds', `${spent.join(' · ')} · load ${((load.user + load.system) / 1e6).toFixed(1)}`)
  for (const device of devices) device.stop()
  endRequests()
  return isFine && seconds * 1000 <= bar ? 0 : 1
}

/** How many connections a node takes up is part of what is measured: its own default, unless the environment says otherwise. */
function ownSettings(): Record<string, string> {
  const perSecond = process.env['CONNECTIONS_PER_SECOND']
  return perSecond ? { CONNECTIONS_PER_SECOND: perSecond } : {}
}

async function prepare(server: BenchServer, sockets: number) {
  reportTitle(
    `${sockets} people in ${groupsEach} groups of ${groupSize + 1} each, ${nodes} nodes of each service`,
  )
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  const settings = { name: 'bench', log, statementTimeoutMs: 600_000, max: 2 }
  await using users = openPool({ url: server.usersDatabase, ...settings })
  const pool = openPool({ url: server.messagesDatabase, ...settings })
  const issueToken = await issueTokens(users)
  const userIds = Array.from({ length: sockets + others }, () => newId())
  const plan = {
    userIds: userIds.slice(others),
    others: userIds.slice(0, others),
    groupsEach,
    size: groupSize,
  }
  const groups = await fillGroups(pool, plan)
  // Not before: the messages service may be copying everyone's profile at this moment.
  await fillUsers(users, userIds)
  // Every service asks for the keys again within this time.
  await sleep(5000)
  const groupsOf = Map.groupBy(
    groups.flatMap((group) => group.userIds.map((userId) => ({ userId, id: group.id }))),
    ({ userId }) => userId,
  )
  const devices = plan.userIds.map(
    (userId) => () =>
      openDevice({
        url: server.url,
        token: issueToken(userId),
        conversationIds: (groupsOf.get(userId) ?? []).map(({ id }) => id),
        version: filledVersion,
      }),
  )
  return { devices: await openGently(devices), writers: writersOf(groups, issueToken), pool }
}

/** The one of each group who has no socket. */
function writersOf(groups: readonly FilledGroup[], issueToken: (userId: string) => string): Writer[] {
  const tokens = new Map<string, string>()
  return groups.map(({ id, userIds }) => {
    const userId = userIds.at(-1) ?? ''
    const token = tokens.get(userId) ?? issueToken(userId)
    tokens.set(userId, token)
    return { token, conversationId: id }
  })
}

async function openGently(open: readonly (() => StormDevice)[]): Promise<StormDevice[]> {
  const devices: StormDevice[] = []
  for (const [i, openOne] of open.entries()) {
    devices.push(openOne())
    if (i % 10 === 9) await sleep(60)
  }
  return devices
}

async function arrive(devices: readonly StormDevice[]): Promise<void> {
  const seconds = await untilSynced(devices, performance.now())
  reportFigure('all connected and synced', `${seconds.toFixed(1)} s after the last was opened`)
}

async function untilSynced(devices: readonly StormDevice[], since: number): Promise<number> {
  const missing = () => devices.filter(({ syncedAt }) => syncedAt === 0).length
  // Devices hear of the kill a moment after it.
  await sleep(1000)
  while (missing() > 0 && performance.now() - since < patienceMs) await sleep(50)
  if (missing() > 0) throw new Error(`${missing()} devices did not come back`)
  return (performance.now() - since) / 1000
}

function reportReturn(devices: readonly StormDevice[], killedAt: number): boolean {
  const synced = summarise(devices.map(({ syncedAt }) => syncedAt - killedAt))
  reportFigure('back', describeLatency(summarise(devices.map(({ readyAt }) => readyAt - killedAt))))
  reportFigure('back and synced', describeLatency(synced))
  const sum = (of: (device: StormDevice) => number) =>
    devices.reduce((total, device) => total + of(device), 0)
  reportFigure(
    'tries',
    `${sum(({ tries }) => tries)}, told to come later ${sum(({ turnedAway }) => turnedAway)}`,
  )
  reportFigure('syncs while waiting', String(sum(({ polls }) => polls)))
  return synced.max <= bar
}

function reportTraffic(
  traffic: Traffic,
  { killedAt, endedAt }: { killedAt: number; endedAt: number },
): boolean {
  const before = traffic.between(killedAt - calmMs + 2000, killedAt)
  const during = traffic.between(killedAt, endedAt)
  for (const kind of ['sends', 'reads'] as const) {
    reportFigure(`others' ${kind} before`, describeLatency(before[kind]))
    reportFigure(`others' ${kind} during`, describeLatency(during[kind]))
  }
  reportFigure("others' calls that failed", String(traffic.failed))
  const isAtMostDoubled = (['sends', 'reads'] as const).every(
    (kind) => during[kind].p99 <= 2 * before[kind].p99,
  )
  return isAtMostDoubled && traffic.failed === 0
}

function reportDatabase({ most, room }: ConnectionWatch): boolean {
  reportFigure('PostgreSQL connections', `at most ${most.open} of ${room}`)
  return most.open <= room / 2
}

/** Every device knows of every message that others were told was sent. */
function reportGaps(devices: readonly StormDevice[], { versions }: Traffic): boolean {
  const behind = devices.filter(({ known }) =>
    Object.entries(known).some(([id, version]) => version < (versions.get(id) ?? 0)),
  )
  reportFigure('devices that lack something', String(behind.length))
  return behind.length === 0
}
