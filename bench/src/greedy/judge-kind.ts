import type { LatencySummary } from '../latencies.ts'
import type { Bars } from './bars.ts'
import type { Footprint } from './footprint.ts'
import type { KindResult } from './run-kind.ts'
import type { Standing } from './watch-servers.ts'

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
