import type { Logger, RedisLink } from '@finnigram/service-kit'
import type { Expo } from 'expo-server-sdk'
import type { PushMetrics } from '../push-metrics.ts'
import { defineScript } from '../redis-script.ts'
import { toFailure } from './expo.ts'

/** Delivery receipts of Expo: a ticket is not a delivery. */
export interface Receipts {
  /** Schedules a receipt, to be fetched in a quarter of an hour. */
  expect(receiptId: string, targetKey: string): Promise<unknown>
  /** Fetches some of the due receipts. Returns how many it asked for. */
  check(): Promise<number>
}

type ExpoReceipts = Awaited<ReturnType<Expo['getPushNotificationReceiptsAsync']>>

export interface ReceiptsOptions {
  redis: RedisLink
  expo: Expo
  log: Logger
  metrics: Pick<PushMetrics, 'undelivered'>
  forget: (targetKey: string) => void
  /**
   * Milliseconds until a receipt is asked for, and between two times; Expo has them after a quarter
   * of an hour.
   */
  afterMs?: number
}

const key = 'finnigram:push:receipts'
const askAtMost = 300
/** Expo keeps them for a day. */
const keptForMs = 24 * 3600_000
const most = 100_000

/** ARGV: receipt, delay (ms), most. */
const expectScript = `
local time = redis.call('TIME')
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then redis.call('ZPOPMIN', KEYS[1]) end
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])`

/** ARGV: at most so many, until they are due again unless they are answered (ms). */
const dueScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, receipt in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], receipt) end
return due`

export function createReceipts(options: ReceiptsOptions): Receipts {
  const { redis, expo, log, metrics, forget, afterMs = 15 * 60_000 } = options
  const expect = defineScript(redis, 'finnigramPushExpect', { keys: 1, lua: expectScript })
  const due = defineScript(redis, 'finnigramPushDue', { keys: 1, lua: dueScript })

  const settle = (targetKey: string, receipt: ExpoReceipts[string]) => {
    if (receipt.status === 'ok') return
    const error = receipt.details?.error
    metrics.undelivered.inc({ reason: error ?? 'unknown' })
    if (toFailure(error).kind === 'gone') forget(targetKey)
    else log.warn('A notification did not arrive', { reason: error })
  }
  /** A refused request is split in halves. A single refused receipt stays until it expires. */
  const askFor = async (ids: readonly string[]): Promise<ExpoReceipts> => {
    try {
      return await expo.getPushNotificationReceiptsAsync([...ids])
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (ids.length === 1) {
        log.warn('A receipt of a notification cannot be asked for', { error })
        return {}
      }
      const half = Math.ceil(ids.length / 2)
      return { ...(await askFor(ids.slice(0, half))), ...(await askFor(ids.slice(half))) }
    }
  }
  return {
    expect: (receiptId, targetKey) =>
      expect(key, `${receiptId} ${Date.now() + keptForMs} ${targetKey}`, afterMs, most),
    async check() {
      const waiting = (await due(key, askAtMost, afterMs)) as string[]
      if (waiting.length === 0) return 0
      const parsed = waiting.map((member) => ({ member, parts: member.split(' ') }))
      const receipts = await askFor(parsed.map(({ parts }) => parts[0] ?? ''))
      const done = parsed.filter(({ parts: [id = '', ends] }) => receipts[id] || Number(ends) < Date.now())
      for (const {
        parts: [id = '', , targetKey = ''],
      } of done) {
        const receipt = receipts[id]
        if (receipt) settle(targetKey, receipt)
      }
      if (done.length > 0) await redis.commands.zrem(key, ...done.map(({ member }) => member))
      return waiting.length
    },
  }
}

/** Whether a retry would be refused, too; other errors are waited out. */
function isRefusal(error: unknown): boolean {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0
  return status >= 400 && status < 500 && status !== 429
}
