import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinToCore } from './pin.ts'

export interface BenchServer {
  url: string
  pids: number[]
  realtimePids: number[]
  /** For filling it with more than could be registered. */
  usersDatabase: string
  messagesDatabase: string
  pinned: boolean
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts the whole product on a fresh home, all its processes on core 0, and moves this process to core 1. */
export async function startServer(): Promise<BenchServer> {
  const home = await mkdtemp(join(tmpdir(), 'finnigram-bench-'))
  const child = fork(new URL('./serve.ts', import.meta.url), [home], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const pinned = pinToCore(child.pid ?? 0, 0) && pinToCore(process.pid, 1)
  const [started] = (await Promise.race([once(child, 'message'), failure(child)])) as [
    Omit<BenchServer, 'pinned'>,
  ]
  return {
    ...started,
    pinned,
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
