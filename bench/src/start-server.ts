import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface BenchServer {
  url: string
  /** The process that all others are started by. */
  pid: number
  pids: number[]
  realtimePids: number[]
  /** For filling it with more than could be registered. */
  usersDatabase: string
  messagesDatabase: string
  redis: string
  /** Folder of all its data. */
  home: string
  pinned: boolean
  /** What runs now. */
  look(): Promise<ServerLook>
  /** Ends every realtime node with SIGKILL; they start again by themselves. */
  killRealtime(): void
  [Symbol.asyncDispose](): Promise<void>
}

export interface ServerProcess {
  name: string
  /** With its children. */
  pids: number[]
  /** Of a service. */
  metricsUrl?: string
}

export interface ServerLook {
  processes: ServerProcess[]
  /** Longest that the gateway's event loop stood still since the last look. */
  gatewayStallMs: number
}

export interface BenchServerOptions {
  /** Nodes of each service; 1 when not said. */
  nodes?: number
  /** Whether to keep the servers on one core and the load on another; so when not said. */
  pins?: boolean
  /** Settings of the services; when not said, any number of sockets may come at once. */
  settings?: Record<string, string>
}

const atOnce = { CONNECTIONS_PER_SECOND: '100000', CONNECTIONS_AT_ONCE: '100000' }

/**
 * Starts the whole product on a fresh home, all its processes on core 0, and moves this process to
 * core 1.
 */
export async function startServer({
  nodes = 1,
  pins = true,
  settings = atOnce,
}: BenchServerOptions = {}): Promise<BenchServer> {
  const home = await mkdtemp(join(tmpdir(), 'finnigram-bench-'))
  const child = fork(new URL('./serve.ts', import.meta.url), [home, String(nodes)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], ...settings },
  })
  const pinned = pins && pinToCore(child.pid ?? 0, 0) && pinToCore(process.pid, 1)
  const [started] = (await Promise.race([once(child, 'message'), failure(child)])) as [
    Omit<BenchServer, 'pid' | 'pinned' | 'look' | 'killRealtime' | typeof Symbol.asyncDispose>,
  ]
  return {
    ...started,
    pid: child.pid ?? 0,
    pinned,
    async look() {
      const answer = once(child, 'message') as Promise<[ServerLook]>
      child.send('look')
      return (await answer)[0]
    },
    killRealtime: () => void child.send('kill realtime'),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.send('end')
      await gone
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function failure(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`The server ended with ${code} before it was ready`)
}

/**
 * Ties a process (and what it starts from now on) to one core, where the system can; answers
 * whether it did.
 */
function pinToCore(pid: number, core: number): boolean {
  if (availableParallelism() < 2) return false
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
