import type { Redis } from 'ioredis'
import type { Logger } from '../logger/create-logger.ts'
import type { Metrics } from '../metrics/create-metrics.ts'

export interface ServerMemory {
  /** Bytes in use. */
  used: number
  /** Bytes it may use, past which it refuses to be written to; 0 where it has no such bound. */
  most: number
  /** More than four fifths are in use. */
  isTight: boolean
}

/** What Redis says of itself. */
export interface ServerWatch extends Disposable {
  /** Names the process and its history; undefined from the loss of a connection until the next has been asked. */
  readonly identity: string | undefined
  /** Undefined while that is not known. */
  readonly memory: ServerMemory | undefined
  /** Waits until the identity is known, at most `ms`. */
  whenIdentified(ms: number): Promise<boolean>
  /** Calls back each time another server, or the same one restarted, is found in place of the one before. */
  onReplaced(listener: () => void): Disposable
}

const askEveryMs = 2000
const unknown = 'unknown'
/** Part of its memory from which on a Redis is nearly full. */
const tightFrom = 0.8

/**
 * Asks Redis on every new connection and every two seconds which server it is. One that took over after a failover may
 * lack what was written last, and nothing else tells: whoever relies on that must look.
 */
export function watchServer(
  commands: Redis,
  { log, metrics }: { log: Logger; metrics?: Metrics | undefined },
): ServerWatch {
  const noteMemory = createMemoryAlarm({ log, metrics })
  const identity = createIdentity(log)
  let memory: ServerMemory | undefined

  const ask = async () => {
    if (commands.status !== 'ready') return
    try {
      const info = await commands.info()
      memory = noteMemory(Number(field(info, 'used_memory')), Number(field(info, 'maxmemory')))
      if (commands.status === 'ready')
        identity.learn(`${field(info, 'run_id')} ${field(info, 'master_replid')}`)
    } catch (error) {
      // Some hosted ones do not tell: then a lost stream is noticed by counting alone.
      if (error instanceof Error && /NOPERM|unknown command/i.test(error.message)) identity.learn(unknown)
    }
  }
  commands.on('close', () => {
    identity.lose()
    memory = undefined
  })
  commands.on('ready', () => void ask())
  const asking = setInterval(() => void ask(), askEveryMs).unref()
  return {
    get identity() {
      return identity.now()
    },
    get memory() {
      return memory
    },
    whenIdentified: identity.whenKnown,
    onReplaced: identity.onReplaced,
    [Symbol.dispose]: () => clearInterval(asking),
  }
}

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
      log.warn('Another Redis answers than before, or it was restarted')
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

const field = (info: string, name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? ''
