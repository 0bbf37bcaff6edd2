import type { Stack } from '@finnigram/stack'

const patienceMs = 2_000
const figure = /^event_loop_stall_max_seconds\S* (\S+)$/m

/** Asks each node for the longest time, in milliseconds, that its event loop stood still since it was last asked; who does not answer is left out. */
export async function readStalls(nodes: Stack['nodes']): Promise<Record<string, number>> {
  const entries = await Promise.all(
    nodes.map(async ({ url, process }) => {
      const seconds = await ask(`${url}/metrics`)
      return seconds === undefined ? [] : [[process.name, seconds * 1_000] as const]
    }),
  )
  return Object.fromEntries(entries.flat())
}

async function ask(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    return Number(figure.exec(await answer.text())?.[1] ?? 0)
  } catch {
    return undefined
  }
}
