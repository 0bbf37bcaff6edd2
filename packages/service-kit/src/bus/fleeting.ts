import type { Logger } from '../logger/logger.ts'
import type { RedisLink } from '../redis/open-redis.ts'

/** Publishes to present subscribers; lost silently where Redis is away or nobody listens. */
export function publishFleeting(redis: RedisLink, channel: string, message: string): void {
  redis.commands.publish(channel, message).catch(() => {})
}

/**
 * Subscribing again changes nothing, and its reply shows that the connection lives. Milliseconds.
 */
const subscribeEveryMs = 2000

/**
 * Subscribes to a channel until disposed of. Resubscribes after an outage, and within seven seconds
 * on a half-open connection. Messages of the meantime are lost.
 */
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
  const subscribe = () => {
    if (subscriber.status === 'ready') subscriber.subscribe(channel).catch(() => {})
  }
  subscriber.on('ready', subscribe)
  const resubscribing = setInterval(subscribe, subscribeEveryMs).unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(resubscribing)
      subscriber.disconnect()
    },
  }
}
