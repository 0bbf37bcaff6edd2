import type { Redis } from 'ioredis'
import type { GroupNames } from './consumer-group.ts'
import { infoField } from './info-field.ts'
import { compareIds } from './redis-streams.ts'

/** A stream whose entries were trimmed before the group had finished with them, and where the group stands on it. */
export interface TrimmedStream {
  stream: string
  lastId: string
  /** Entries up to there, counted with those that are gone. */
  read: number
}

/**
 * The streams on which the group does not exist (yet, or any more), those where entries are gone that it never read, or
 * began and never finished, and those that end before where the group stands: another Redis has them now.
 */
export async function inspectGroup(
  redis: Redis,
  { group, streams }: GroupNames,
): Promise<{ missing: string[]; trimmed: TrimmedStream[]; ahead: string[] }> {
  const states = await Promise.all(streams.map((stream) => groupState(redis, stream, group)))
  return {
    missing: streams.filter((_, i) => states[i] === 'missing'),
    trimmed: states.filter((state) => typeof state === 'object'),
    ahead: streams.filter((_, i) => states[i] === 'ahead'),
  }
}

async function groupState(
  redis: Redis,
  stream: string,
  group: string,
): Promise<'missing' | 'there' | 'ahead' | TrimmedStream> {
  try {
    const groups = (await redis.xinfo('GROUPS', stream)) as unknown[][]
    const own = groups.find((info) => infoField(info, 'name') === group)
    if (!own) return 'missing'
    const info = (await redis.xinfo('STREAM', stream)) as unknown[]
    const lastDelivered = String(infoField(own, 'last-delivered-id'))
    if (compareIds(lastDelivered, String(infoField(info, 'last-generated-id'))) > 0) return 'ahead'
    const length = Number(infoField(info, 'length'))
    const gone = Number(infoField(info, 'entries-added')) - length
    const first = length === 0 ? undefined : String(infoField(info, 'recorded-first-entry-id'))
    const read = infoField(own, 'entries-read')
    const isBehind = typeof read === 'number' && read < gone
    if (!isBehind && !(await hasBegunBefore(redis, { stream, group, first }))) return 'there'
    return { stream, lastId: lastDelivered, read: typeof read === 'number' ? Math.max(read, gone) : gone }
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 'missing'
    throw error
  }
}

/** Whether the group holds entries that come before the first there is. */
async function hasBegunBefore(
  redis: Redis,
  { stream, group, first }: { stream: string; group: string; first: string | undefined },
): Promise<boolean> {
  const [count, oldest] = (await redis.xpending(stream, group)) as [number, string | null, ...unknown[]]
  if (count === 0 || oldest === null) return false
  return first === undefined || compareIds(oldest, first) < 0
}
