import type { Logger } from '../logger/logger.ts'
import type { RedisLink } from '../redis/open-redis.ts'

/** Tells whoever listens right now; lost without a word where Redis is away or nobody listens. */
export function publishFleeting(redis: RedisLink, channel: string, message: string): void {
  redis.commands.publish(channel, message).catch(() => {})
}

/** Asking again for a channel that one listens to changes nothing, and its answer shows that the connection lives. In milliseconds. */
const askEveryMs = 2000

/** Listens to a channel until disposed of, again by itself after an outage or within seven seconds on a connection that was half-open. What was said meanwhile is gone. */
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
  const ask = () => {
    if (subscriber.status === 'ready') subscriber.subscribe(channel).catch(() => {})
  }
  subscriber.on('ready', ask)
  const asking = setInterval(ask, askEveryMs).unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(asking)
      subscriber.disconnect()
    },
  }
}
