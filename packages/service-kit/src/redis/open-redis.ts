import { fullJitter } from '@finnigram/admission'
import { Redis, type RedisOptions } from 'ioredis'
import { listen } from '../lifecycle/listen.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

import { type ServerWatch, watchServer } from './watch-server.ts'

/** How long a blocking read may wait on the server, in milliseconds. */
export const blockMs = 5000

/** A service's connections to Redis. */
export interface RedisLink extends AsyncDisposable {
  /**
   * For ordinary commands: pipelines them, fails within two seconds, at once while Redis is away.
   */
  readonly commands: Redis
  readonly isUp: boolean
  /** Which server it is, and how full. */
  readonly server: Omit<ServerWatch, typeof Symbol.dispose>
  /** Waits until Redis answers, at most `ms`; whether it does. */
  whenUp(ms: number): Promise<boolean>
  /**
   * A connection of its own for one reader that blocks (at most `blockMs`). Closed with the link at
   * the latest.
   */
  openBlocking(): Redis
  /**
   * A connection of its own for subscriptions; subscribe again each time it is `ready`. A half-open
   * one is noticed within five seconds of a command, and opened again.
   */
  openSubscriber(): Redis
}

/**
 * Connects to Redis in the background and reconnects with full jitter. Nothing waits for Redis on a
 * request's path: commands fail fast, are never sent twice, and callers fall back. An outage is
 * logged once.
 */
export function openRedis({
  url,
  name,
  log,
  metrics,
}: {
  url: string
  name: string
  log: Logger
  metrics?: Metrics
}): RedisLink {
  const open = (kind: string, options: RedisOptions) => {
    const client = new Redis(url, { ...always, connectionName: `${name}:${kind}`, ...options })
    client.on('error', () => {})
    opened.push(client)
    return client
  }
  const opened: Redis[] = []
  const commands = open('commands', {
    enableAutoPipelining: true,
    commandTimeout: 2000,
    socketTimeout: 5000,
  })
  const outages = reportOutages(commands, log)
  const server = watchServer(commands, { log, metrics })

  return {
    commands,
    server,
    get isUp() {
      return commands.status === 'ready'
    },
    whenUp: (ms) => becomesReady(commands, ms),
    openBlocking: () => open('blocking', { socketTimeout: blockMs + 3000 }),
    // By itself the client subscribes once after an outage; if the reply is lost, never again.
    openSubscriber: () => open('subscriber', { socketTimeout: 5000, autoResubscribe: false }),
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]()
      outages[Symbol.dispose]()
      for (const client of opened) client.disconnect()
    },
  }
}

/**
 * RESP2: in RESP3 the shape of a reply depends on how a command was called.
 * `maxRetriesPerRequest: 0` rejects commands in flight when the connection ends; any other value
 * leaves their promises open or sends them twice.
 */
const always: RedisOptions = {
  protocol: 2,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 3000,
  keepAlive: 10_000,
  retryStrategy: (attempt) => 20 + fullJitter(attempt, { baseMs: 50, maxMs: 2000 }),
}

/**
 * Whether a connection takes commands within `ms`, or before `signal` aborts. A connection that is
 * ended between two attempts emits nothing.
 */
export function becomesReady(client: Redis, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (client.status === 'ready' || client.status === 'end') return Promise.resolve(client.status === 'ready')
  return new Promise((resolve) => {
    const done = (isReady: boolean) => {
      clearTimeout(timer)
      client.off('ready', onReady)
      client.off('end', onEnd)
      signal?.removeEventListener('abort', onEnd)
      resolve(isReady)
    }
    const onReady = () => done(true)
    const onEnd = () => done(false)
    const timer = setTimeout(onEnd, ms)
    client.once('ready', onReady)
    client.once('end', onEnd)
    signal?.addEventListener('abort', onEnd)
    if (signal?.aborted) onEnd()
  })
}

/**
 * Logs that Redis went away and that it came back, once each, however many attempts lie between.
 */
function reportOutages(client: Redis, log: Logger): Disposable {
  let away = false
  let lastError: Error | undefined
  return listen(client, {
    error(error: Error) {
      lastError = error
    },
    reconnecting() {
      if (away) return
      away = true
      log.warn('Redis is away', { error: lastError })
    },
    ready() {
      if (away) log.info('Redis is back')
      away = false
      lastError = undefined
    },
  })
}
