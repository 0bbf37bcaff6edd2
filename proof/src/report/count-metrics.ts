import { createFaultFreeWindows } from '../checker/fault-free-window.ts'
import type { DeviceHistory, Moment, RunHistory } from '../history/history.ts'

/** Latencies in milliseconds. */
export interface Latencies {
  count: number
  p50: number
  p99: number
  most: number
}

/** One second of a run. */
export interface Second {
  sends: number
  acknowledged: number
  deliveries: number
  /** Of what was sent in that second, to devices that were connected; null where nothing was. */
  p50: number | null
  p99: number | null
}

export interface RunMetrics {
  sends: number
  acknowledged: number
  refused: number
  /** Messages of others that came to devices. */
  deliveries: number
  changes: number
  texts: number
  pushes: number
  /** From the device's disk to its acknowledgement. */
  acknowledgement: { all: Latencies; faultFree: Latencies }
  /** From the sender's disk to the receiver's, of devices that were connected all the time. */
  delivery: { all: Latencies; faultFree: Latencies }
  seconds: Second[]
}

/** How long after a fault a run counts as free of faults again, in milliseconds. */
const calmMs = 1_000

/**
 * What a run amounted to. `faultFree` leaves out what was under way during a fault, or right after
 * one.
 */
export function countMetrics({ devices, changes, texts, pushes, faults, healedAt }: RunHistory): RunMetrics {
  const { isFaultFree: isQuiet } = createFaultFreeWindows(faults)
  const sends = devices.flatMap((device) => device.sends)
  const isCalm = ({ from, to }: Way) => isQuiet({ from: from - calmMs, to })
  const acknowledged = sends.flatMap(({ enqueuedAt, acknowledgedAt }) =>
    acknowledgedAt === null ? [] : { from: enqueuedAt, to: acknowledgedAt },
  )
  const begun = new Map(sends.map(({ id, enqueuedAt }) => [id, enqueuedAt]))
  const own = new Map(devices.flatMap((device) => device.sends.map(({ id }) => [id, device.userId])))
  const ways = devices.flatMap((device) => waysTo(device, { begun, own }))
  const connected = ways.filter(({ wasConnected }) => wasConnected)
  return {
    sends: sends.length,
    acknowledged: acknowledged.length,
    refused: sends.filter(({ refused }) => refused).length,
    deliveries: ways.length,
    changes: changes.length,
    texts: texts.length,
    pushes: pushes?.sent.length ?? 0,
    acknowledgement: { all: latencies(acknowledged), faultFree: latencies(acknowledged.filter(isCalm)) },
    delivery: { all: latencies(connected), faultFree: latencies(connected.filter(isCalm)) },
    seconds: bySecond({ acknowledged, ways, sends: [...begun.values()], healedAt }),
  }
}

interface Way {
  from: Moment
  to: Moment
}
interface Delivery extends Way {
  wasConnected: boolean
}

function waysTo(
  { arrivals, userId, away }: DeviceHistory,
  { begun, own }: { begun: ReadonlyMap<string, Moment>; own: ReadonlyMap<string, string> },
): Delivery[] {
  return arrivals.flatMap(([id, to]) => {
    const from = begun.get(id)
    if (from === undefined || own.get(id) === userId) return []
    const wasConnected = !away.some((span) => span.from <= to && (span.to ?? to) >= from)
    return [{ from, to, wasConnected }]
  })
}

function latencies(ways: readonly Way[]): Latencies {
  const sorted = ways.map(({ from, to }) => to - from).sort((a, b) => a - b)
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    most: quantile(sorted, 1),
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
}

interface Timeline {
  sends: readonly Moment[]
  acknowledged: readonly Way[]
  ways: readonly Delivery[]
  healedAt: Moment
}

function bySecond({ sends, acknowledged, ways, healedAt }: Timeline): Second[] {
  const secondOf = (at: Moment) => Math.floor(at / 1000)
  const sent = Map.groupBy(sends, secondOf)
  const answered = Map.groupBy(acknowledged, ({ to }) => secondOf(to))
  const came = Map.groupBy(ways, ({ to }) => secondOf(to))
  const left = Map.groupBy(
    ways.filter(({ wasConnected }) => wasConnected),
    ({ from }) => secondOf(from),
  )
  return Array.from({ length: Math.ceil(healedAt / 1000) }, (_, second) => {
    const { count, p50, p99 } = latencies(left.get(second) ?? [])
    return {
      sends: sent.get(second)?.length ?? 0,
      acknowledged: answered.get(second)?.length ?? 0,
      deliveries: came.get(second)?.length ?? 0,
      p50: count === 0 ? null : p50,
      p99: count === 0 ? null : p99,
    }
  })
}
