import { type RealtimeEventData, streamName } from '@finnigram/contracts'
import type { RealtimeContext } from '../context.ts'

/** Tells the users service who went, and when: what was last seen of them. */
export interface Departures {
  note(userId: string, at: string): void
  /** Publishes what was noted; what cannot be, or what another Redis may lack, comes the next time. Called every few seconds. */
  flush(): Promise<void>
}

/** About; the users service reads within moments. */
const keptOnStream = 100_000
/** What was published is kept for so long, in milliseconds. */
const toldKeptMs = 120_000
/** People noted while Redis is away, and people told of. */
const mostNoted = 50_000
const perFlush = 2000

export function createDepartures({ redis, log }: Pick<RealtimeContext, 'redis' | 'log'>): Departures {
  const noted = new Map<string, string>()
  const told = new Map<string, { at: string; until: number }>()
  const stream = streamName('realtime', 0)
  let isFlushing = false

  const publish = async (userId: string, at: string) => {
    const payload = JSON.stringify({ userId, at } satisfies RealtimeEventData['user.seen'])
    const fields = ['type', 'user.seen', 'key', userId, 'payload', payload]
    await redis.commands.xadd(stream, 'MAXLEN', '~', keptOnStream, '*', ...fields)
    if (noted.get(userId) === at) noted.delete(userId)
    told.delete(userId)
    if (told.size < mostNoted) told.set(userId, { at, until: performance.now() + toldKeptMs })
  }
  const forgetTold = () => {
    for (const [userId, { until }] of told) {
      if (until > performance.now()) return
      told.delete(userId)
    }
  }
  redis.server.onReplaced(() => {
    for (const [userId, { at }] of told) if (!noted.has(userId)) noted.set(userId, at)
  })
  return {
    note(userId, at) {
      if (noted.size < mostNoted || noted.has(userId)) noted.set(userId, at)
    },
    async flush() {
      forgetTold()
      if (isFlushing || noted.size === 0 || !redis.isUp) return
      isFlushing = true
      const outcomes = await Promise.allSettled(
        [...noted].slice(0, perFlush).map(([userId, at]) => publish(userId, at)),
      )
      isFlushing = false
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) log.debug('When people were last seen could not be told', { error: failed.reason })
    },
  }
}
