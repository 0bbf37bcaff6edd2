import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { startProcess } from './start-process.ts'

export interface TestRedis extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Kills the server (SIGKILL unless said otherwise) and keeps what it wrote. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port, with the data it had when `persistent`. */
  start(): Promise<void>
}

/**
 * Starts a real redis-server (or valkey-server) on a free port. With `persistent` it keeps its data
 * over `stop` and `start`.
 */
export async function startRedis({ persistent = false } = {}): Promise<TestRedis> {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'finnigram-redis-'))
  const storage = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...storage]
  const run = () => startFirst(['redis-server', 'valkey-server'], args, () => answers(port))
  let server = await run()
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return server.child.pid ?? 0
    },
    stop: (signal = 'SIGKILL') => server.kill(signal),
    async start() {
      server = await run()
    },
    async [Symbol.asyncDispose]() {
      await server.kill('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function startFirst(commands: string[], args: string[], isReady: () => Promise<boolean>) {
  const [command = '', ...others] = commands
  try {
    return await startProcess(command, args, { isReady })
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing || others.length === 0) throw error
    return startFirst(others, args, isReady)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
  })
}
