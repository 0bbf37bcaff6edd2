import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../archive-fill.ts'
import { type ProcessGroup, parts } from '../process-usage.ts'
import { describeLatency, reportFigure, summarise } from '../report.ts'
import type { TrafficRecord } from './other-traffic.ts'
import type { StormDevice } from './storm-device.ts'

/** What it takes devices to be connected, of all of them together. */
export type Toil = Record<'tries' | 'turnedAway' | 'polls', number>

export const toilOf = (devices: readonly StormDevice[]): Toil => ({
  tries: sum(devices, ({ tries }) => tries),
  turnedAway: sum(devices, ({ turnedAway }) => turnedAway),
  polls: sum(devices, ({ polls }) => polls),
})

const sum = (devices: readonly StormDevice[], of: (device: StormDevice) => number) =>
  devices.reduce((total, device) => total + of(device), 0)

export interface Storm {
  devices: readonly StormDevice[]
  /** What devices had done before the storm. */
  before: Toil
  /** `performance.now()` when the nodes were killed, and when everyone was back and synced. */
  killedAt: number
  endedAt: number
  traffic: TrafficRecord
  connections: ConnectionWatch
  /** CPU seconds before and after, and of the clients in between. */
  cpu: Record<'before' | 'after', Record<ProcessGroup, number>> & { load: number }
  /**
   * How late the clients themselves were (p99), in milliseconds: what is late here looks late
   * there, and gives up sooner.
   */
  lagMs: number
}

/** How long the other traffic is measured before the storm; its first moments warm up. */
export const calmMs = 30_000
const warmUpMs = 10_000
/** Milliseconds. */
const bar = 60_000

/** Prints what a storm did; whether every bar is reached. */
export function reportStorm(storm: Storm): boolean {
  const reached = [reportReturn(storm), reportTraffic(storm), reportDatabase(storm), reportGaps(storm)]
  const { before, after, load } = storm.cpu
  // The realtime processes are others than before.
  const spent = parts.map(
    (part) => `${part} ${(after[part] - (part === 'realtime' ? 0 : before[part])).toFixed(1)}`,
  )
  reportFigure('CPU seconds', `${spent.join(' · ')} · load ${load.toFixed(1)}`)
  reportFigure('the load itself late by', `p99 ${storm.lagMs.toFixed(0)} ms`)
  return reached.every(Boolean)
}

function reportReturn({ devices, before, killedAt }: Storm): boolean {
  const toil = toilOf(devices)
  const synced = summarise(devices.map(({ syncedAt }) => syncedAt - killedAt))
  reportFigure('back', describeLatency(summarise(devices.map(({ readyAt }) => readyAt - killedAt))))
  reportFigure('back and synced', describeLatency(synced))
  reportFigure('tries', String(toil.tries - before.tries))
  reportFigure('told to come later', String(toil.turnedAway - before.turnedAway))
  reportFigure('syncs while waiting', String(toil.polls - before.polls))
  return synced.max <= bar
}

function reportTraffic({ traffic, killedAt, endedAt }: Storm): boolean {
  const between = (kind: 'sends' | 'reads', from: number, to: number) =>
    summarise(
      traffic.samples.flatMap((sample) => {
        const at = sample.dueAt - performance.timeOrigin
        return sample.kind === kind && at >= from && at < to ? sample.latency : []
      }),
    )
  const reached = (['sends', 'reads'] as const).map((kind) => {
    const before = between(kind, killedAt - calmMs + warmUpMs, killedAt)
    const during = between(kind, killedAt, endedAt)
    reportFigure(`others' ${kind} before`, describeLatency(before))
    reportFigure(`others' ${kind} during`, describeLatency(during))
    return during.p99 <= 2 * before.p99
  })
  reportFigure("others' calls that failed", String(traffic.failed))
  return reached.every(Boolean) && traffic.failed === 0
}

function reportDatabase({ connections: { most, room } }: Storm): boolean {
  reportFigure('PostgreSQL connections', `at most ${most.open} of ${room}`)
  return most.open <= room / 2
}

/** Every device knows of every message that others were told was sent. */
function reportGaps({ devices, traffic: { versions } }: Storm): boolean {
  const behind = devices.filter(({ known }) =>
    Object.entries(known).some(([id, version]) => version < (versions[id] ?? 0)),
  )
  reportFigure('devices that lack something', String(behind.length))
  return behind.length === 0
}

interface ConnectionWatch extends AsyncDisposable {
  /** The most connections that were open, and that were at work, at one moment. */
  readonly most: { open: number; active: number }
  /** How many the server has room for. */
  readonly room: number
}

const everyMs = 200

/** Looks again and again how many connections PostgreSQL has, this one left out. */
export async function watchConnections(db: Database): Promise<ConnectionWatch> {
  const most = { open: 0, active: 0 }
  const stopping = new AbortController()
  const room = await ask<{ room: number }>(db, `SELECT current_setting('max_connections')::int AS room`)
  const look = async () => {
    const { open, active } = await ask<{ open: number; active: number }>(
      db,
      `SELECT count(*)::int AS open, (count(*) FILTER (WHERE state = 'active'))::int AS active
FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()`,
    )
    most.open = Math.max(most.open, open)
    most.active = Math.max(most.active, active)
  }
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return {
    most,
    room: room.room,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await watching
    },
  }
}

async function ask<T>(db: Database, text: string): Promise<T> {
  const { rows } = await db.query(text)
  return rows[0] as T
}
