import type { Redis } from 'ioredis'
import type { Logger } from '../logger/create-logger.ts'

/** Logs that Redis went away and that it came back, once each, however many attempts lie between. */
export function reportOutages(client: Redis, log: Logger): void {
  let away = false
  let lastError: Error | undefined
  client.on('error', (error) => {
    lastError = error
  })
  client.on('reconnecting', () => {
    if (away) return
    away = true
    log.warn('Redis is away', { error: lastError })
  })
  client.on('ready', () => {
    if (away) log.info('Redis is back')
    away = false
    lastError = undefined
  })
}
