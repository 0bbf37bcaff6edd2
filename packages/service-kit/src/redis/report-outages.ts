import type { Redis } from 'ioredis'
import { listen } from '../lifecycle/listen.ts'
import type { Logger } from '../logger/logger.ts'

/** Logs that Redis went away and that it came back, once each, however many attempts lie between. */
export function reportOutages(client: Redis, log: Logger): Disposable {
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
