import type { LatencySummary } from '../report.ts'
import type { Footprint } from './footprint.ts'
import type { Tally } from './greedy-kind.ts'
import type { QuietRecord } from './quiet-process.ts'
import type { Standing } from './watch-servers.ts'

export type Latency = Record<'calm' | 'greedy' | 'after', LatencySummary>

/** What one greedy client did to everyone else. */
export interface KindResult {
  name: string
  seconds: number
  tally: Tally
  sends: Latency
  arrivals: Latency
  joins: Latency
  /** Of the quiet people, from the first moment of the greedy one to the last after it. */
  quiet: Omit<QuietRecord, 'samples'>
  before: Record<string, Standing>
  most: Readonly<Record<string, Standing>>
  after: Record<string, Standing>
  stalls: Readonly<Record<string, number>>
  footprint: { before: Footprint; after: Footprint }
  /** Connections of the greedy one that are still held. */
  connections: number
}

/** What one greedy client may cost everyone else. Every number that is judged stands here. */
export const bars = {
  /** The quiet people's sends, p50 and p99: so many times what they take without the greedy one. */
  slowdown: 3,
  /**
   * Latencies below these count as quick whatever their ratio, in milliseconds: the machine's own
   * noise decides them.
   */
  quick: { p50: 15, p99: 60 },
  /**
   * Until a new socket of a quiet person is ready, p99 in milliseconds: one that is told to come
   * later comes later.
   */
  joinMs: 8_000,
  /** Resident memory that any process may grow by, in bytes. */
  growthBytes: 150 * 2 ** 20,
  /** Longest that any event loop may stand still, in milliseconds. */
  stallMs: 200,
  /**
   * Files and connections that any process may hold on top of what it held before. The gateway lets
   * one address have 2,000 connections, and passes 256 calls of it on; the kinds open 1,000, or
   * turn away 400 new ones a second.
   */
  openFiles: 1_500,
  /** Calm again: p99 of the quiet people's sends, as a multiple of what it was before. */
  slowdownAfter: 2,
  /** Resident memory that any process may keep, in bytes. */
  keptBytes: 120 * 2 ** 20,
  /**
   * Facts that are not published, and rows that search has to index: the quiet people go on, so a
   * few are always there.
   */
  waiting: 20,
  /** Bytes in the file store that no upload and no file accounts for. */
  strayBytes: 16 * 2 ** 20,
} as const

/**
 * For a machine that does other things as well, such as one that runs tests: what was once a fault
 * breaks them all the same.
 */
export const looseBars: Bars = {
  ...bars,
  slowdown: 8,
  quick: { p50: 400, p99: 2_500 },
  slowdownAfter: 8,
  // Nobody is told to come later for an account's sake; a busy machine that lets nobody in for
  // seconds is.
  joinMs: 20_000,
  // A loop also stands still while other programs have the processor.
  stallMs: 500,
  // What the gateway grants an address: 2,000 connections and 256 calls.
  openFiles: 2_300,
  growthBytes: 200 * 2 ** 20,
  keptBytes: 160 * 2 ** 20,
}

type Bars = { readonly [K in keyof typeof bars]: (typeof bars)[K] extends number ? number : Latencies }
interface Latencies {
  readonly p50: number
  readonly p99: number
}

/** What one process holds more than before. */
export interface Growth {
  process: string
  by: number
}

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`

/** Every bar that a greedy client broke, in words. */
export function judgeKind(result: KindResult, bars: Bars): string[] {
  return [...judgeQuiet(result, bars), ...judgeServers(result, bars), ...judgeAfterwards(result, bars)]
}

function judgeQuiet({ sends, arrivals, joins, quiet }: KindResult, bars: Bars): string[] {
  const slow = (what: string, { calm, greedy }: KindResult['sends']) =>
    (['p50', 'p99'] as const).flatMap((quantile) => {
      const bar = Math.max(bars.quick[quantile], bars.slowdown * calm[quantile])
      // Nothing came at all.
      if (greedy.count === 0) return quantile === 'p50' ? `no ${what} of the quiet people` : []
      return greedy[quantile] > bar
        ? `${what}: ${quantile} ${greedy[quantile].toFixed(0)} ms (calm ${calm[quantile].toFixed(0)} ms)`
        : []
    })
  const reasons = Map.groupBy(quiet.failures, (reason) => reason)
  return [
    ...slow('sends', sends),
    ...slow('arrivals', arrivals),
    ...(joins.greedy.p99 > bars.joinMs ? [`joins: p99 ${joins.greedy.p99.toFixed(0)} ms`] : []),
    ...[...reasons].map(([reason, all]) => `${all.length} ×: ${reason}`),
    ...(quiet.missing > 0 ? [`${quiet.missing} messages did not reach everyone`] : []),
    ...(quiet.lost > 0 ? [`${quiet.lost} sockets of quiet people ended`] : []),
  ]
}

function judgeServers({ before, most, stalls }: KindResult, bars: Bars): string[] {
  const [longest] = Object.entries(stalls).sort(([, a], [, b]) => b - a)
  return [
    ...growths(before, most, 'bytes')
      .filter(({ by }) => by > bars.growthBytes)
      .map(({ process, by }) => `${process} grew by ${mebibytes(by)}`),
    ...growths(before, most, 'openFiles')
      .filter(({ by }) => by > bars.openFiles)
      .map(({ process, by }) => `${process} opened ${by} files or connections`),
    ...(longest && longest[1] > bars.stallMs
      ? [`${longest[0]} stood still for ${longest[1].toFixed(0)} ms`]
      : []),
  ]
}

function judgeAfterwards({ sends, before, after, footprint, connections }: KindResult, bars: Bars): string[] {
  const isSlow = ({ count, p99 }: LatencySummary) =>
    count === 0 || p99 > Math.max(bars.quick.p99, bars.slowdownAfter * sends.calm.p99)
  return [
    ...(isSlow(sends.after) ? [`sends' p99 ${sends.after.p99.toFixed(0)} ms`] : []),
    ...growths(before, after, 'bytes')
      .filter(({ by }) => by > bars.keptBytes)
      .map(({ process, by }) => `${process} keeps ${mebibytes(by)}`),
    ...leftovers(footprint.before, footprint.after, bars),
    ...(connections > 0 ? [`${connections} connections`] : []),
  ].map((fault) => `afterwards: ${fault}`)
}

/** What is still to be done or to be thrown away that was not before, in words. */
export function leftovers(before: Footprint, { strayBytes, ...left }: Footprint, bars: Bars): string[] {
  const stray = strayBytes - before.strayBytes
  return [
    ...(left.outbox > Math.max(bars.waiting, before.outbox) ? [`${left.outbox} facts in the outbox`] : []),
    ...(left.searchQueue > Math.max(bars.waiting, before.searchQueue)
      ? [`${left.searchQueue} rows search has to index`]
      : []),
    ...(left.workFolders > before.workFolders ? [`${left.workFolders} folders of files looked at`] : []),
    ...(stray > bars.strayBytes ? [`${mebibytes(stray)} of pieces nobody needs`] : []),
  ]
}

/** What each process holds more than before, the most first. */
export function growths(
  before: Readonly<Record<string, Standing>>,
  later: Readonly<Record<string, Standing>>,
  of: keyof Standing,
): Growth[] {
  return Object.entries(later)
    .map(([process, standing]) => ({ process, by: standing[of] - (before[process]?.[of] ?? 0) }))
    .sort((a, b) => b.by - a.by)
}
