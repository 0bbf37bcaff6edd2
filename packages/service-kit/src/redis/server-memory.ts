import type { Logger } from '../logger/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

export interface ServerMemory {
  /** Bytes in use. */
  used: number
  /** Bytes it may use, past which it refuses to be written to; 0 where it has no such bound. */
  most: number
  /** More than four fifths are in use. */
  isTight: boolean
}

/** Part of its memory from which on a Redis is nearly full. */
const tightFrom = 0.8

/** Shows how full a Redis is, and says once that it is nearly full, and that it has room again. */
export function createMemoryAlarm({ log, metrics }: { log: Logger; metrics: Metrics | undefined }) {
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
