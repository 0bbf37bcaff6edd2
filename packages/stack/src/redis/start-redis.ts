import { writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../config.ts'
import { freePort } from '../data-directory/free-port.ts'
import type { Secrets } from '../data-directory/prepare-data-directory.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { type ProcessSpec, SupervisedProcess } from '../process/supervised-process.ts'
import { askRedis, pingRedis } from './ask-redis.ts'
import { findRedis } from './find-redis.ts'

export interface StartedRedis {
  process: SupervisedProcess
  /** What is done to it now and then. */
  upkeep: Disposable
  url: string
}

interface RedisOptions {
  home: string
  secrets: Secrets
  environment: Environment
  signal?: AbortSignal | undefined
  onLine?: (line: string) => void
  onCrash?: ProcessSpec['onCrash'] | undefined
}

/** Starts Redis (installing it when the machine has none) on a free loopback port, with its data in `home`. */
export async function startRedis(options: RedisOptions): Promise<StartedRedis> {
  const { home, secrets, environment, signal, onLine = () => {}, onCrash } = options
  const [command, port] = await Promise.all([findRedis({ environment, signal, onLine }), freePort()])
  const configPath = join(home, 'redis', 'redis.conf')
  await writeFile(configPath, configuration({ port, home, password: secrets.redisPassword }), { mode: 0o600 })
  const process = new SupervisedProcess({
    name: 'redis',
    home,
    command,
    args: [configPath],
    environment,
    stopSignal: 'SIGTERM',
    patienceMs: 10_000,
    isHealthy: () => pingRedis(port, secrets.redisPassword),
    log: await RotatingLog.open(join(home, 'logs', 'redis.log')),
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
  const upkeep = { [Symbol.dispose]: () => clearInterval(rewriting) }
  return { process, upkeep, url: `redis://:${secrets.redisPassword}@127.0.0.1:${port}` }
}

/** What was trimmed or deleted is in the append-only file until that is written anew, in milliseconds. */
const rewriteEveryMs = 10 * 60_000

/** A quarter of the machine's memory: what is refused past that waits in the outbox. */
const maxMemory = () => Math.round(Math.min(4 * gibibyte, Math.max(gibibyte / 4, totalmem() / 4)))
const gibibyte = 1024 ** 3

/** The streams are a queue, not a cache: flushed every second, nothing evicted. */
const configuration = ({ port, home, password }: { port: number; home: string; password: string }) => `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${join(home, 'redis')}"
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory ${maxMemory()}
maxmemory-policy noeviction
auto-aof-rewrite-min-size 16mb
`
