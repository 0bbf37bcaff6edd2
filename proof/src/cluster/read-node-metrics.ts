import type { Stack } from '@finnigram/stack'

const patienceMs = 2_000
const longestStall = /^event_loop_stall_max_seconds\S* (\S+)$/gm
const pushBacklog = /^push_(?:waiting|planned)(?:\{\S*\})? (\S+)$/gm

type Nodes = Stack['nodes']

/**
 * Asks each node for the longest time, in milliseconds, that its event loop stood still since it
 * was last asked; who does not answer is left out.
 */
export async function readStalls(nodes: Nodes): Promise<Record<string, number>> {
  const entries = await Promise.all(
    nodes.map(async ({ url, process }) => {
      const values = await readMetric(url, longestStall)
      return values === undefined ? [] : [[process.name, (values[0] ?? 0) * 1_000] as const]
    }),
  )
  return Object.fromEntries(entries.flat())
}

/** Notifications that are queued, and messages that wait until they may be notified of. */
export async function readPushBacklog(nodes: Nodes): Promise<number> {
  const realtime = nodes.filter(({ service }) => service === 'realtime')
  const values = await Promise.all(realtime.map(({ url }) => readMetric(url, pushBacklog)))
  return values.flatMap((found) => found ?? []).reduce((sum, value) => sum + value, 0)
}

/**
 * The values of a node's metric, one for each line that `pattern` finds; undefined when it is away.
 */
async function readMetric(url: string, pattern: RegExp): Promise<number[] | undefined> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(patienceMs) })
    return [...(await answer.text()).matchAll(pattern)].map(([, value]) => Number(value))
  } catch {
    return undefined
  }
}
