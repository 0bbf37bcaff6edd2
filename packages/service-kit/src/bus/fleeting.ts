import type { Logger } from '../logger/create-logger.ts'
import type { RedisLink } from '../redis/open-redis.ts'

/** Tells whoever listens right now; lost without a word where Redis is away or nobody listens. */
export function publishFleeting(redis: RedisLink, channel: string, message: string): void {
  redis.commands.publish(channel, message).catch(() => {})
}

/** Listens to a channel until disposed of; subscribes again by itself after an outage. What was said meanwhile is gone. */
export function subscribeFleeting(
  { redis, log }: { redis: RedisLink; log: Logger },
  channel: string,
  onMessage: (message: string) => void,
): AsyncDisposable {
  const subscriber = redis.openSubscriber()
  subscriber.on('message', (from: string, message: string) => {
    if (from !== channel) return
    try {
      onMessage(message)
    } catch (error) {
      log.error('A fleeting message could not be handled', { channel, error })
    }
  })
  subscriber.subscribe(channel).catch(() => {})
  const heartbeat = setInterval(() => subscriber.ping().catch(() => {}), 5000)
  heartbeat.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat)
      subscriber.disconnect()
    },
  }
}
