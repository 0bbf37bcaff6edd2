import type { ServerResponse } from 'node:http'
import type { UpstreamPool } from './upstream-pool.ts'

/** How long an answer is cached, in milliseconds. */
const cacheMs = 1_000

/** Answers `/health`. The nodes are asked once a second at most, for all callers together. */
export function createHealthHandler(
  pools: readonly UpstreamPool[],
): (response: ServerResponse) => Promise<void> {
  let asked: Promise<Health> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let isAsking = false
  const fetchHealth = () => {
    if (asked && (isAsking || performance.now() - askedAt < cacheMs)) return asked
    askedAt = performance.now()
    isAsking = true
    asked = collectHealth(pools).finally(() => {
      isAsking = false
    })
    return asked
  }
  return async (response) => sendHealth(response, await fetchHealth())
}

/** The answer before services are connected. */
export const noServices: Health = { status: 'down', services: {} }

export function sendHealth(response: ServerResponse, health: Health): void {
  response
    .writeHead(health.status === 'down' ? 503 : 200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(health.status === 'down' ? { 'retry-after': '1' } : {}),
    })
    .end(JSON.stringify(health))
}

interface NodeHealth {
  status: 'ready' | 'not ready' | 'down'
  /** The node's own report of its dependencies. */
  detail?: unknown
}

interface Health {
  status: 'ready' | 'degraded' | 'down'
  services: Record<string, NodeHealth[]>
}

const nodeTimeoutMs = 2_000

/** Asks every node if it is ready. `degraded`: some are not. `down`: a service has none that is. */
async function collectHealth(pools: readonly UpstreamPool[]): Promise<Health> {
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
      signal: AbortSignal.timeout(nodeTimeoutMs),
    })
    const detail: unknown = await answer.json().catch(() => undefined)
    return { status: answer.ok ? 'ready' : 'not ready', ...(detail === undefined ? {} : { detail }) }
  } catch {
    return { status: 'down' }
  }
}
