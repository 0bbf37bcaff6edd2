import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SupervisedProcess } from './process/supervised-process.ts'
import type { ServiceName } from './services/service-environment.ts'
import type { ServiceNode } from './services/start-services.ts'
import { StartFailure } from './start-failure.ts'

export type ProcessKind = ServiceName | 'postgres' | 'redis'

/** Handles on the server processes, for tests that stop and kill them. Nodes count from 0. */
export interface ProcessHandles {
  /** Sends a signal (SIGKILL by default); resolves when the process has ended. It is restarted. */
  kill(part: ProcessKind, index?: number, signal?: NodeJS.Signals): Promise<void>
  /** Ends a process and keeps it away until `start`. */
  stop(part: ProcessKind, index?: number): Promise<void>
  /** Starts a stopped process; resolves when it serves. */
  start(part: ProcessKind, index?: number): Promise<void>
  /** Resolves when the process serves, at once if it does. */
  ready(part: ProcessKind, index?: number): Promise<void>
  /**
   * Process ids of all server processes, or of one kind, with PostgreSQL's children; not of this
   * process.
   */
  pids(part?: ProcessKind): number[]
}

export function createProcessHandles(
  processes: readonly SupervisedProcess[],
  nodes: readonly ServiceNode[],
): ProcessHandles {
  const allOf = (part: ProcessKind) =>
    processes.filter(
      ({ name }) =>
        name === part || nodes.some((node) => node.service === part && node.process.name === name),
    )
  const find = (part: ProcessKind, index: number) => {
    const found = allOf(part)[index]
    if (!found) throw new RangeError(`This stack runs no ${part} number ${index}`)
    return found
  }
  const ready = async (part: ProcessKind, index = 0) => {
    const process = find(part, index)
    const node = nodes.find((one) => one.process === process)
    await (node ? waitUntilReady(node) : process.healthy())
  }
  return {
    kill: (part, index = 0, signal = 'SIGKILL') => find(part, index).kill(signal),
    stop: (part, index = 0) => find(part, index).stop(),
    async start(part, index = 0) {
      find(part, index).start()
      await ready(part, index)
    },
    ready,
    pids: (part) =>
      (part ? allOf(part) : processes).flatMap(({ pid }) =>
        pid === undefined ? [] : [pid, ...descendants(pid)],
      ),
  }
}

/** Process ids of all descendants of a process. Linux only. */
export function descendants(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const children = text.split(' ').filter(Boolean).map(Number)
    return children.flatMap((child) => [child, ...descendants(child)])
  } catch {
    return []
  }
}

interface ReadyOptions {
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

/** Resolves when a node is ready; a `StartFailure` says what it lacks after `timeoutMs`. */
export async function waitUntilReady(
  { url, process }: ServiceNode,
  { timeoutMs = 60_000, signal }: ReadyOptions = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  await process.healthy(timeoutMs)
  for (;;) {
    signal?.throwIfAborted()
    const { isReady, report } = await fetchReadiness(url)
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

async function fetchReadiness(url: string) {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000) })
    return { isReady: answer.ok, report: await answer.text() }
  } catch (error) {
    return { isReady: false, report: String(error) }
  }
}
