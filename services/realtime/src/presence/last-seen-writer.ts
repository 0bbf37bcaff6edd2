import { type RealtimeEventData, streamName } from '@finnigram/contracts'
import type { WithLog, WithRedis } from '../deps.ts'

/** Publishes when people were last seen, for the users service to store. */
export interface LastSeenWriter {
  enqueue(userId: string, at: string): void
  /** Publishes the queue; what fails is tried again the next time. Called every few seconds. */
  flush(): Promise<void>
}

/** Approximate length of the stream; the users service reads within moments. */
const keptOnStream = 100_000
/** Published entries are kept for a Redis that takes over without them, in milliseconds. */
const publishedKeptMs = 120_000
/** People in the queue while Redis is down, and people kept after publishing. */
const mostQueued = 50_000
const perFlush = 2000

export function createLastSeenWriter({ redis, log }: WithRedis & WithLog): LastSeenWriter {
  const queued = new Map<string, string>()
  const published = new Map<string, { at: string; until: number }>()
  const stream = streamName('realtime', 0)
  let isFlushing = false

  const publish = async (userId: string, at: string) => {
    const payload = JSON.stringify({ userId, at } satisfies RealtimeEventData['user.seen'])
    const fields = ['type', 'user.seen', 'key', userId, 'payload', payload]
    await redis.commands.xadd(stream, 'MAXLEN', '~', keptOnStream, '*', ...fields)
    if (queued.get(userId) === at) queued.delete(userId)
    published.delete(userId)
    if (published.size < mostQueued) published.set(userId, { at, until: performance.now() + publishedKeptMs })
  }
  const forgetPublished = () => {
    for (const [userId, { until }] of published) {
      if (until > performance.now()) return
      published.delete(userId)
    }
  }
  redis.server.onReplaced(() => {
    for (const [userId, { at }] of published) if (!queued.has(userId)) queued.set(userId, at)
  })
  return {
    enqueue(userId, at) {
      if (queued.size < mostQueued || queued.has(userId)) queued.set(userId, at)
    },
    async flush() {
      forgetPublished()
      if (isFlushing || queued.size === 0 || !redis.isUp) return
      isFlushing = true
      const outcomes = await Promise.allSettled(
        [...queued].slice(0, perFlush).map(([userId, at]) => publish(userId, at)),
      )
      isFlushing = false
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) log.debug('When people were last seen could not be published', { error: failed.reason })
    },
  }
}
