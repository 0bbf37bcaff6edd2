import { forgetConsumers, type RedisLink, reasonOf } from '@finnigram/service-kit'
import { type FailedJob, parkJobs } from './parked-jobs.ts'
import { isFresh, PushJob, type TakenJob } from './push-job.ts'
import { defineScript } from './redis-script.ts'

/**
 * The queue of all nodes: a Redis stream with one consumer group, and a sorted set of jobs that
 * wait for a retry.
 */
export interface JobQueue extends Disposable {
  /** Resolves when all are in Redis. */
  add(jobs: readonly PushJob[]): Promise<void>
  /** Waits for jobs for at most `blockMs`, and takes up to `count` of them. */
  take(count: number, blockMs: number): Promise<TakenJob[]>
  /** Takes over jobs of a node that has held them too long, such as a killed one. */
  takeOver(count: number): Promise<TakenJob[]>
  /** Acknowledges and deletes jobs, whatever their outcome. */
  finish(entryIds: readonly string[]): Promise<void>
  /** Delays a job. Of one device and conversation only the newest waits. */
  postpone(taken: TakenJob, delayMs: number): Promise<void>
  /** Moves due jobs back to the stream. Returns how many. */
  promote(): Promise<number>
  /** Deletes jobs that are hours old. When no node calls this any more, all keys expire. */
  forgetOld(): Promise<void>
  /** Jobs on the stream and jobs that wait for a retry. */
  count(): Promise<number>
  /** Creates the group if missing. A pending `take` rejects when the queue is disposed of. */
  prepare(): Promise<void>
}

export interface WithJobQueue {
  readonly queue: JobQueue
}

const stream = 'finnigram:push'
/** On the same cluster node as the stream. */
const later = '{finnigram:push}:later'
const laterJobs = '{finnigram:push}:later:jobs'
const group = 'push-senders'
/** Most jobs on the stream, and most that wait. */
const kept = 100_000
/** A job that was delivered so often is parked: it may be what kills its nodes. */
const mostDeliveries = 10
/** Longer than a node may work on one job, so that no job in flight is taken over. */
const heldForMs = 15_000
const promoteAtMost = 500
/** Longer than any job is retried. Jobs hold texts, which must not stay when no node sends them. */
const keptForMs = 7 * 3600_000

/** KEYS: stream, times, jobs. ARGV: group, entry, name, seq, delay (ms), job, kept. */
const postponeScript = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
local known = redis.call('HGET', KEYS[3], ARGV[3])
if known and tonumber(string.match(known, '^%d+')) > tonumber(ARGV[4]) then return 0 end
if not known and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[7]) then return 0 end
local time = redis.call('TIME')
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4] .. ' ' .. ARGV[6])
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[5], ARGV[3])
return 1`

/** KEYS: stream, times, jobs. ARGV: at most so many, kept. */
const promoteScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, name in ipairs(due) do
  local waiting = redis.call('HGET', KEYS[3], name)
  if waiting then redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'job', string.match(waiting, '^%d+ (.*)$')) end
  redis.call('HDEL', KEYS[3], name)
  redis.call('ZREM', KEYS[2], name)
end
return #due`

/** KEYS: stream, times, jobs. ARGV: kept for (ms). */
const forgetOldScript = `
local time = redis.call('TIME')
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', time[1] * 1000 - ARGV[1]))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end`

type RawJob = [id: string, fields: string[] | null]

export function openJobQueue(
  redis: RedisLink,
  { consumer, onParked }: { consumer: string; onParked: (jobs: readonly FailedJob[]) => void },
): JobQueue {
  const { commands } = redis
  const finish = async (entryIds: readonly string[]) => {
    if (entryIds.length === 0) return
    await Promise.all([commands.xack(stream, group, ...entryIds), commands.xdel(stream, ...entryIds)])
  }
  const sort = createSort(redis, { finish, onParked })
  const reader = redis.openBlocking()
  const promote = defineScript(redis, 'finnigramPushPromote', { keys: 3, lua: promoteScript })
  const forgetOld = defineScript(redis, 'finnigramPushForgetOld', { keys: 3, lua: forgetOldScript })
  return {
    async add(jobs) {
      const adding = jobs.map((job) =>
        commands.xadd(stream, 'MAXLEN', '~', kept, '*', 'job', JSON.stringify(job)),
      )
      await Promise.all(adding)
    },
    async take(count, blockMs) {
      const reading = ['COUNT', count, 'BLOCK', blockMs, 'STREAMS', stream, '>']
      const reply = await reader.call('XREADGROUP', 'GROUP', group, consumer, ...reading)
      return sort((reply as [string, RawJob[]][] | null)?.[0]?.[1] ?? [])
    },
    async takeOver(count) {
      // Redis refuses COUNT 0 here, and takes it for everything elsewhere.
      if (count === 0) return []
      const from = [heldForMs, '0-0', 'COUNT', count]
      const reply = await commands.call('XAUTOCLAIM', stream, group, consumer, ...from)
      const [, entries] = reply as [string, RawJob[]]
      return sort(entries, await findWornOut(redis, consumer, entries))
    },
    finish,
    postpone: createPostpone(redis),
    promote: async () => Number(await promote(stream, later, laterJobs, promoteAtMost, kept)),
    forgetOld: async () => void (await forgetOld(stream, later, laterJobs, keptForMs)),
    async count() {
      const [queued, waiting] = await Promise.all([commands.xlen(stream), commands.zcard(later)])
      return queued + waiting
    },
    async prepare() {
      await commands.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch((error) => {
        if (!(error instanceof Error && error.message.includes('BUSYGROUP'))) throw error
      })
      await forgetConsumers(commands, { group, consumer, streams: [stream] })
    },
    [Symbol.dispose]: () => reader.disconnect(),
  }
}

/** Returns the entries that can be sent, and parks the others. */
function createSort(
  redis: RedisLink,
  { finish, onParked }: { finish: JobQueue['finish']; onParked: (jobs: readonly FailedJob[]) => void },
) {
  return async (entries: readonly RawJob[], wornOut: ReadonlySet<string> = new Set()) => {
    const read = entries.map((entry) => readJob(entry, wornOut))
    const failed = read.flatMap(({ failed }) => failed ?? [])
    if (failed.length > 0) {
      await parkJobs(redis, failed)
      await finish(read.flatMap(({ entryId, failed }) => (failed ? entryId : [])))
      onParked(failed)
    }
    return read.flatMap(({ entryId, job }) => (job ? { entryId, job } : []))
  }
}

function createPostpone(redis: RedisLink): JobQueue['postpone'] {
  const postpone = defineScript(redis, 'finnigramPushPostpone', { keys: 3, lua: postponeScript })
  return async ({ entryId, job }, delayMs) => {
    const name = job.testId ?? `${job.targetKey} ${job.payload.conversationId}`
    const stored = JSON.stringify(isFresh(job, Date.now() + delayMs) ? job : withoutWords(job))
    const values = [group, entryId, name, job.payload.seq, Math.ceil(delayMs), stored, kept]
    await postpone(stream, later, laterJobs, ...values)
  }
}

/**
 * Texts are composed again at the retry: a message deleted meanwhile must not wait here for hours.
 */
const withoutWords = (job: PushJob): PushJob => ({
  ...job,
  payload: { ...job.payload, title: '', body: '' },
})

/** Parses an entry into a job, or into the reason why it is parked. */
function readJob(
  [entryId, fields]: RawJob,
  wornOut: ReadonlySet<string>,
): { entryId: string; job?: PushJob; failed?: FailedJob } {
  const text = fields?.[1]
  if (text === undefined) return { entryId }
  if (wornOut.has(entryId))
    return { entryId, failed: { text, reason: 'It was begun too often and never finished' } }
  try {
    return { entryId, job: PushJob.parse(JSON.parse(text)) }
  } catch (error) {
    return { entryId, failed: { text, reason: reasonOf(error) } }
  }
}

/** Of entries just taken over, those that were delivered too often. */
async function findWornOut(
  { commands }: RedisLink,
  consumer: string,
  entries: readonly RawJob[],
): Promise<Set<string>> {
  const first = entries[0]?.[0]
  const last = entries.at(-1)?.[0]
  if (first === undefined || last === undefined) return new Set()
  const pending = (await commands.xpending(stream, group, first, last, 1000, consumer)) as [
    string,
    string,
    number,
    number,
  ][]
  return new Set(pending.flatMap(([id, , , times]) => (times > mostDeliveries ? id : [])))
}
