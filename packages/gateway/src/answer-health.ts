import type { ServerResponse } from 'node:http'
import { collectHealth, type Health } from './health.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** An answer is good for this long: whoever asks meanwhile gets the same. In milliseconds. */
const keepMs = 1_000

/** Answers how all nodes are. They are asked once a second at most, however many want to know. */
export function createHealthAnswer(
  pools: readonly UpstreamPool[],
): (response: ServerResponse) => Promise<void> {
  let asked: Promise<Health> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let isAsking = false
  const ask = () => {
    if (asked && (isAsking || performance.now() - askedAt < keepMs)) return asked
    askedAt = performance.now()
    isAsking = true
    asked = collectHealth(pools).finally(() => {
      isAsking = false
    })
    return asked
  }
  return async (response) => sendHealth(response, await ask())
}

/** What is answered before there are services. */
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
