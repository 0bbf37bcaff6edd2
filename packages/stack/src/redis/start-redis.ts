import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../config.ts'
import { freePort } from '../data-directory/free-port.ts'
import type { Secrets } from '../data-directory/prepare-data-directory.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { type ProcessSpec, SupervisedProcess } from '../process/supervised-process.ts'
import { findRedis } from './find-redis.ts'

export interface StartedRedis {
  process: SupervisedProcess
  /** Rewrites the append-only file periodically. */
  maintenance: Disposable
  url: string
}

interface RedisOptions {
  dataDirectory: string
  secrets: Secrets
  environment: Environment
  signal?: AbortSignal | undefined
  onLine?: (line: string) => void
  onCrash?: ProcessSpec['onCrash'] | undefined
}

/**
 * Starts the embedded Redis on a free loopback port, with its data in the data directory.
 *
 * The server is the machine's own Redis or Valkey; it is installed by the package manager if there
 * is none (`find-redis.ts`). Its streams are a queue, not a cache: nothing is evicted, and the
 * append-only file is flushed every second. What Redis loses beyond that, the services publish
 * again.
 *
 * Deleted and trimmed entries stay in the append-only file until it is rewritten, so that is done
 * every ten minutes: edited and deleted messages must not linger on the disk.
 */
export async function startRedis(options: RedisOptions): Promise<StartedRedis> {
  const { dataDirectory, secrets, environment, signal, onLine = () => {}, onCrash } = options
  const [command, port] = await Promise.all([findRedis({ environment, signal, onLine }), freePort()])
  const configPath = join(dataDirectory, 'redis', 'redis.conf')
  await writeFile(configPath, configuration({ port, dataDirectory, password: secrets.redisPassword }), {
    mode: 0o600,
  })
  const process = new SupervisedProcess({
    name: 'redis',
    dataDirectory,
    command,
    args: [configPath],
    environment,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    isHealthy: () => pingRedis(port, secrets.redisPassword),
    log: await RotatingLog.open(join(dataDirectory, 'logs', 'redis.log')),
    onCrash,
  })
  try {
    process.start()
    await process.healthy(30_000)
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
  const rewrite = () => askRedis(port, secrets.redisPassword, 'BGREWRITEAOF').catch(() => {})
  const rewriting = setInterval(() => process.state === 'healthy' && rewrite(), rewriteEveryMs).unref()
  const maintenance = { [Symbol.dispose]: () => clearInterval(rewriting) }
  return { process, maintenance, url: `redis://:${secrets.redisPassword}@127.0.0.1:${port}` }
}

/** How often the append-only file is rewritten, in milliseconds. */
const rewriteEveryMs = 10 * 60_000

/** A quarter of the machine's memory. Events that are refused beyond that wait in the outbox. */
const maxMemory = () => Math.round(Math.min(4 * gibibyte, Math.max(gibibyte / 4, totalmem() / 4)))
const gibibyte = 1024 ** 3

const configuration = ({
  port,
  dataDirectory,
  password,
}: {
  port: number
  dataDirectory: string
  password: string
}) => `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${join(dataDirectory, 'redis')}"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory ${maxMemory()}
maxmemory-policy noeviction
auto-aof-rewrite-min-size 16mb
`

/**
 * Sends one command to the Redis on `port` and returns its one-line answer. Times out after two
 * seconds.
 */
export async function askRedis(port: number, password: string, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(2_000, () => socket.destroy(new Error('Redis does not answer')))
  try {
    socket.write(`AUTH ${password}\r\n${command}\r\n`)
    let answer = ''
    for await (const chunk of socket) {
      answer += String(chunk)
      const [, second, end] = answer.split('\r\n')
      if (second !== undefined && end !== undefined) return second
    }
    throw new Error('Redis does not answer')
  } finally {
    socket.destroy()
  }
}

/** Whether the Redis on `port` accepts the password and has loaded its data. */
const pingRedis = (port: number, password: string): Promise<boolean> =>
  askRedis(port, password, 'PING').then(
    (answer) => answer === '+PONG',
    () => false,
  )
