import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '../start-failure.ts'
import type { ServiceNode } from './start-services.ts'

interface Patience {
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

/** Resolves when a node says that it can serve; a `StartFailure` tells what it lacks when that takes longer than `timeoutMs`. */
export async function waitUntilReady(
  { url, process }: ServiceNode,
  { timeoutMs = 60_000, signal }: Patience = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  await process.healthy(timeoutMs)
  for (;;) {
    signal?.throwIfAborted()
    const { isReady, report } = await ask(url)
    if (isReady) return
    if (process.state !== 'healthy') await process.healthy(Math.max(deadline - Date.now(), 1_000))
    if (Date.now() > deadline) {
      throw new StartFailure(
        `${process.name} runs but is not ready after ${timeoutMs / 1000} s: it reports ${report}. Its log is ${process.spec.log.path}.`,
      )
    }
    await sleep(25)
  }
}

async function ask(url: string) {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000) })
    return { isReady: answer.ok, report: await answer.text() }
  } catch (error) {
    return { isReady: false, report: String(error) }
  }
}
