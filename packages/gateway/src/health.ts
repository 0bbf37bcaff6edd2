import type { UpstreamPool } from './upstream-pool.ts'

interface NodeHealth {
  status: 'ready' | 'not ready' | 'down'
  /** What the node itself says of its dependencies. */
  detail?: unknown
}

export interface Health {
  status: 'ready' | 'degraded' | 'down'
  services: Record<string, NodeHealth[]>
}

const patienceMs = 2_000

/** Asks every node of every service whether it is ready: `degraded` when some is not, `down` when a service has none that is. */
export async function collectHealth(pools: readonly UpstreamPool[]): Promise<Health> {
  const entries = await Promise.all(
    pools.map(async (pool) => [pool.name, await Promise.all(pool.nodes.map(askNode))] as const),
  )
  const counts = entries.map(([, nodes]) => nodes.filter(({ status }) => status === 'ready').length)
  const isWhole = entries.every(([, nodes], index) => counts[index] === nodes.length)
  const isServed = counts.every((count) => count > 0)
  return {
    status: isWhole ? 'ready' : isServed ? 'degraded' : 'down',
    services: Object.fromEntries(entries),
  }
}

async function askNode({ host, port }: { host: string; port: number }): Promise<NodeHealth> {
  try {
    const answer = await fetch(`http://${host}:${port}/health/ready`, {
      signal: AbortSignal.timeout(patienceMs),
    })
    const detail: unknown = await answer.json().catch(() => undefined)
    return { status: answer.ok ? 'ready' : 'not ready', ...(detail === undefined ? {} : { detail }) }
  } catch {
    return { status: 'down' }
  }
}
