import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchServer, ServerProcess } from '../start-server.ts'

/** How one process stands. */
export interface Standing {
  bytes: number
  openFiles: number
}

/** What all server processes came to while they were watched, by name. */
export interface Watch extends AsyncDisposable {
  /** The most at one moment. */
  readonly most: Readonly<Record<string, Standing>>
  /** The longest that each event loop stood still, in milliseconds. */
  readonly stalls: Readonly<Record<string, number>>
}

const everyMs = 400
/**
 * A node whose loop stands still answers afterwards; one that does not answer at all has stood
 * still for that long.
 */
const patienceMs = 30_000
const figure = /^event_loop_stall_max_seconds\S* (\S+)$/m

/**
 * Memory and open files of every server process now. Memory is what is its own (`RssAnon`):
 * PostgreSQL's processes share the rest.
 */
export async function lookAt(server: BenchServer): Promise<Record<string, Standing>> {
  const { processes } = await server.look()
  return Object.fromEntries(processes.map((one) => [one.name, standingOf(one)]))
}

function standingOf({ pids }: ServerProcess): Standing {
  const all = pids.map((pid) => ({ bytes: ownBytes(pid), openFiles: openFiles(pid) }))
  return {
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    openFiles: Math.max(0, ...all.map((one) => one.openFiles)),
  }
}

function ownBytes(pid: number): number {
  try {
    const kilobytes = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}

function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Looks again and again. Disposing waits for the last answer of each process. */
export async function watchServers(server: BenchServer): Promise<Watch> {
  const most: Record<string, Standing> = {}
  const stalls: Record<string, number> = {}
  const stopping = new AbortController()
  const { signal } = stopping
  const note = (name: string, ms: number) => {
    stalls[name] = Math.max(stalls[name] ?? 0, ms)
  }
  const { processes } = await server.look()
  // What was before is nobody's.
  for (const { metricsUrl } of processes) if (metricsUrl) await readStall(metricsUrl)
  const look = async () => {
    const seen = await server.look()
    note('gateway', seen.gatewayStallMs)
    for (const one of seen.processes) {
      const { bytes, openFiles: files } = standingOf(one)
      const known = most[one.name] ?? { bytes: 0, openFiles: 0 }
      most[one.name] = {
        bytes: Math.max(known.bytes, bytes),
        openFiles: Math.max(known.openFiles, files),
      }
    }
  }
  const repeat = async (work: () => Promise<void>) => {
    while (!signal.aborted) {
      await work()
      await sleep(everyMs, undefined, { signal }).catch(() => {})
    }
    await work()
  }
  const watching = [
    repeat(look),
    ...processes.flatMap(({ name, metricsUrl }) =>
      metricsUrl ? repeat(async () => note(name, await readStall(metricsUrl))) : [],
    ),
  ]
  return {
    most,
    stalls,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(watching)
    },
  }
}

async function readStall(url: string): Promise<number> {
  const asked = performance.now()
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    return Number(figure.exec(await answer.text())?.[1] ?? 0) * 1_000
  } catch {
    return performance.now() - asked
  }
}
