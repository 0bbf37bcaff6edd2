import type { Redis } from 'ioredis'
import { ConfigError } from '../config.ts'
import { listen } from '../lifecycle/listen.ts'
import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createFitness, type Fitness } from './server-fitness.ts'

/** What Redis says of itself. */
export interface ServerWatch extends Disposable {
  /**
   * Names the process and its history; undefined from the loss of a connection until the next has
   * been asked.
   */
  readonly identity: string | undefined
  /** Undefined while that is not known. */
  readonly memory: ServerMemory | undefined
  /** Why this Redis cannot be used; undefined where it can, or while that is not known. */
  readonly fault: string | undefined
  /** Waits until the identity is known, at most `ms`. */
  whenIdentified(ms: number): Promise<boolean>
  /** Calls back each time another server, or the same one after a restart, answers. */
  onReplaced(listener: () => void): Disposable
}

const inspectEveryMs = 2000
const unknown = 'unknown'

/**
 * Asks Redis on every new connection, and every two seconds, which server it is. After a failover
 * the new one may lack the last writes, and nothing else says so.
 */
export function watchServer(
  commands: Redis,
  { log, metrics }: { log: Logger; metrics?: Metrics | undefined },
): ServerWatch {
  const noteMemory = createMemoryAlarm({ log, metrics })
  const fitness = createFitness({ log, metrics })
  const identity = createIdentity(log)
  let memory: ServerMemory | undefined

  const inspect = async () => {
    if (commands.status !== 'ready') return
    try {
      const info = await commands.info()
      memory = noteMemory(Number(field(info, 'used_memory')), Number(field(info, 'maxmemory')))
      fitness.note(toTraits(info))
      if (commands.status === 'ready')
        identity.learn(`${field(info, 'run_id')} ${field(info, 'master_replid')}`)
    } catch (error) {
      // Some hosted ones forbid INFO: then a lost stream is noticed by counting alone.
      if (!(error instanceof Error) || !/NOPERM|unknown command/i.test(error.message)) return
      fitness.note('forbidden')
      identity.learn(unknown)
    }
  }
  const listening = listen(commands, {
    close() {
      identity.lose()
      memory = undefined
    },
    ready: () => void inspect(),
  })
  const inspecting = setInterval(() => void inspect(), inspectEveryMs).unref()
  return {
    get identity() {
      return identity.now()
    },
    get memory() {
      return memory
    },
    get fault() {
      return fitness.fault
    },
    whenIdentified: identity.whenKnown,
    onReplaced: identity.onReplaced,
    [Symbol.dispose]() {
      clearInterval(inspecting)
      listening[Symbol.dispose]()
    },
  }
}

/** Long enough for a Redis that is connected to answer, in milliseconds. */
const answersWithinMs = 2000

/**
 * Throws a `ConfigError` where Redis is up and cannot be used. One that is away is checked when it
 * comes up.
 */
export async function requireFitRedis(redis: {
  isUp: boolean
  server: Omit<ServerWatch, typeof Symbol.dispose>
}) {
  if (redis.isUp) await redis.server.whenIdentified(answersWithinMs)
  if (redis.server.fault !== undefined) throw new ConfigError(redis.server.fault)
}

const toTraits = (info: string): Fitness => ({
  version: field(info, 'redis_version'),
  policy: field(info, 'maxmemory_policy') || unknown,
  appendonly: { 0: 'no', 1: 'yes' }[field(info, 'aof_enabled')] ?? unknown,
})

const field = (info: string, name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? ''

/** Remembers which server answers, and calls back when another does. */
function createIdentity(log: Logger) {
  const listeners = new Set<() => void>()
  const waiting = new Set<() => void>()
  let now: string | undefined
  let last: string | undefined
  return {
    now: () => now,
    lose() {
      now = undefined
    },
    learn(found: string) {
      const isReplaced = last !== undefined && last !== found
      now = found
      last = found
      for (const resolve of [...waiting]) resolve()
      if (!isReplaced) return
      log.warn('Redis was restarted, or another server took its place')
      for (const listener of listeners) listener()
    },
    whenKnown(ms: number): Promise<boolean> {
      if (now !== undefined) return Promise.resolve(true)
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          waiting.delete(done)
          resolve(now !== undefined)
        }
        const timer = setTimeout(done, ms)
        waiting.add(done)
      })
    },
    onReplaced(listener: () => void): Disposable {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}

interface ServerMemory {
  /** Bytes in use. */
  used: number
  /** Bytes it may use, past which it refuses to be written to; 0 where it has no such bound. */
  most: number
  /** More than four fifths are in use. */
  isTight: boolean
}

/** Part of its memory from which on a Redis is nearly full. */
const tightFrom = 0.8

/** Shows how full Redis is, and logs once that it is nearly full, and that it has room again. */
function createMemoryAlarm({ log, metrics }: { log: Logger; metrics: Metrics | undefined }) {
  const usedBytes = metrics?.gauge('redis_memory_used_bytes', 'Memory that Redis uses')
  const mostBytes = metrics?.gauge('redis_memory_max_bytes', 'Memory that Redis may use; 0 without a bound')
  let wasTight = false
  return (used: number, most: number): ServerMemory => {
    usedBytes?.set(used)
    mostBytes?.set(most)
    const isTight = most > 0 && used > most * tightFrom
    if (isTight && !wasTight) log.warn('Redis is nearly full and will refuse events', { used, most })
    if (!isTight && wasTight) log.info('Redis has room again', { used, most })
    wasTight = isTight
    return { used, most, isTight }
  }
}
