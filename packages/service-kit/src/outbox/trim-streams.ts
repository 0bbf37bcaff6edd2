import type { Redis } from 'ioredis'
import { parkedStream } from '../bus/parked-events.ts'

const dayMs = 24 * 60 * 60_000
/** Whoever was away for longer asks the source. */
const keptMs = dayMs
/** An operator has to see them first. */
const parkedKeptMs = 30 * dayMs

/**
 * Lets go of what was published longer ago than a day, to the entry: however little is said, what a person has deleted
 * since is not kept here for ever. Readers that lag notice it, as they notice any trimming. By Redis's own clock, which
 * made the ids.
 */
export async function trimStreams(redis: Redis, streams: readonly string[]): Promise<void> {
  const [seconds] = await redis.time()
  const before = (ageMs: number) => `${Number(seconds) * 1000 - ageMs}-0`
  for (const stream of streams) {
    await redis.xtrim(stream, 'MINID', before(keptMs))
    await redis.xtrim(parkedStream(stream), 'MINID', before(parkedKeptMs))
  }
}
