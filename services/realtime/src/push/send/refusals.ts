import type { RedisLink } from '@finnigram/service-kit'
import { type PushJob, serviceOf, targetOf } from '../push-job.ts'
import { defineScript } from '../redis-script.ts'

/** Finds browsers whose push service refuses everything: some never say that a browser is gone. */
export interface Refusals {
  /** Counts a refusal. Returns whether the device is to be removed. */
  note(job: PushJob): Promise<boolean>
  /** Resets the count: a notification was accepted. */
  forget(job: PushJob): Promise<void>
}

/** A device is forgotten after so many refusals in a row, the first of them so long ago (ms). */
const mostRefusals = 5
const refusedForMs = 3600_000
/** Refusals in a row are weeks apart where a person is seldom notified. */
const keptForMs = 60 * 24 * 3600_000
/** Push services that are remembered. */
const mostServices = 1000

/**
 * ARGV: kept for (ms). Answers how many refusals in a row there are, and how long ago the first was
 * (ms).
 */
const noteScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
redis.call('HSETNX', KEYS[1], 'first', now)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return { count, now - redis.call('HGET', KEYS[1], 'first') }`

/**
 * Counts refusals in a row for each device, over all nodes. A mistake of this server, such as a
 * wrong clock, is refused for every device. So none is removed unless its push service has accepted
 * something from this node since.
 */
export function createRefusals(redis: RedisLink, forMs = refusedForMs): Refusals {
  const note = defineScript(redis, 'finnigramPushRefused', { keys: 1, lua: noteScript })
  const takenAt = new Map<string, number>()
  return {
    async note(job) {
      const answer = (await note(keyOf(job), keptForMs)) as [number, number]
      const [count, sinceMs] = answer
      if (count < mostRefusals || sinceMs < forMs) return false
      return performance.now() - (takenAt.get(serviceOf(job.target)) ?? Number.NEGATIVE_INFINITY) < sinceMs
    },
    async forget(job) {
      if (job.target.kind !== 'webpush') return
      if (takenAt.size >= mostServices) takenAt.clear()
      takenAt.set(serviceOf(job.target), performance.now())
      await redis.commands.del(keyOf(job))
    },
  }
}

const keyOf = ({ targetKey }: PushJob) => `finnigram:push:refused:${targetOf(targetKey)}`
