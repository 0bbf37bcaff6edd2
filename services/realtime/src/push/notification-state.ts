import type { RedisLink } from '@finnigram/service-kit'
import { defineScript } from './redis-script.ts'

/** A conversation as one person sees it. */
export interface ConversationView {
  userId: string
  conversationId: string
}

/** State of a conversation's notifications on one device. */
export interface NotificationStatus {
  /** Seq up to which notifications are planned and not cleared; undefined for none. */
  plannedSeq: number | undefined
  /** Seq up to which the person has read, as far as is remembered. */
  readSeq: number
  /** Seq up to which this device was notified. */
  sentSeq: number
  /**
   * Milliseconds until the next notification may be sent; 0 when a new message mentions the person.
   */
  restMs: number
}

interface Planned {
  firstSeq: number
  lastSeq: number
  count: number
  mentioned: boolean
}

/**
 * Notification state in Redis: what each device shows of a conversation. By it notifications add
 * up, are sent once and are cleared.
 */
export interface NotificationState {
  /**
   * Plans a notification of `count` messages. Returns the count with those shown before; 0 if read
   * meanwhile. Idempotent.
   */
  plan(view: ConversationView, called: Planned): Promise<number>
  look(view: ConversationView, targetKey: string): Promise<NotificationStatus>
  /** Records that a device was notified up to `seq`. Returns false if that was read meanwhile. */
  sent(view: ConversationView, targetKey: string, seq: number): Promise<boolean>
  /** Records how far a person has read. Returns the devices that show nothing newer. */
  read(view: ConversationView, readSeq: number): Promise<string[]>
  /** Deletes the state of cleared notifications, after the devices' jobs are queued. */
  cleared(view: ConversationView, readSeq: number): Promise<void>
}

export interface WithNotificationState {
  readonly notificationState: NotificationState
}

/** A notification that was ignored for so long is not cleared any more. */
const shownForMs = 14 * 24 * 3600_000
/**
 * How long a read position is remembered: longer than any job waits between planning and its last
 * retry.
 */
const readForMs = 7 * 3600_000

/**
 * ARGV: first and last seq, how many, kept for (ms), 1 if one mentions the person. `parts` has the
 * ranges that were counted, as `1-4 7-9`, so that none counts twice and nodes may plan out of
 * order.
 */
const planScript = `
local first, last, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local read = tonumber(redis.call('HGET', KEYS[1], 'read') or 0)
if last <= read then return 0 end
local known = redis.call('HMGET', KEYS[1], 'to', 'count', 'mention', 'parts')
if ARGV[5] == '1' and last > tonumber(known[3] or 0) then redis.call('HSET', KEYS[1], 'mention', last) end
local to, before = tonumber(known[1] or 0), tonumber(known[2] or 0)
local from, till, fresh, parts = first, last, last - first + 1, {}
for a, b in string.gmatch(known[4] or '', '(%d+)-(%d+)') do
  a, b = tonumber(a), tonumber(b)
  fresh = fresh - math.max(0, math.min(b, last) - math.max(a, first) + 1)
  if b < first - 1 or a > last + 1 then
    parts[#parts + 1] = a .. '-' .. b
  else
    from, till = math.min(a, from), math.max(b, till)
  end
end
if fresh <= 0 then return before end
if #parts >= 20 then table.remove(parts, 1) end
parts[#parts + 1] = from .. '-' .. till
count = math.min(count, fresh) + before
redis.call('HSET', KEYS[1], 'to', math.max(to, last), 'count', count, 'parts', table.concat(parts, ' '))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return count`

/**
 * ARGV: device, how far apart notifications are (ms). By the clock of Redis, which all nodes share.
 */
const lookScript = `
local fields = { 'to', 'read', 'sent:' .. ARGV[1], 'at:' .. ARGV[1], 'mention' }
local to, read, sent, at, mention = unpack(redis.call('HMGET', KEYS[1], unpack(fields)))
local apart, rest = tonumber(ARGV[2]), 0
if at and tonumber(mention or 0) <= tonumber(sent or 0) then
  local time = redis.call('TIME')
  rest = tonumber(at) + apart - time[1] * 1000 - math.floor(time[2] / 1000)
end
return { to, read, sent, math.max(0, math.min(rest, apart)) }`

/** ARGV: device, seq, kept for (ms). */
const sentScript = `
local known = redis.call('HMGET', KEYS[1], 'to', 'read')
local seq = tonumber(ARGV[2])
if not known[1] or tonumber(known[2] or 0) >= seq then return 0 end
local field = 'sent:' .. ARGV[1]
if tonumber(redis.call('HGET', KEYS[1], field) or 0) < seq then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], field, seq, 'at:' .. ARGV[1], time[1] * 1000 + math.floor(time[2] / 1000))
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

/**
 * ARGV: how far, kept for (ms). Answers the devices that show something up to there, and nothing
 * newer.
 */
const readScript = `
local seq = tonumber(ARGV[1])
local fields = redis.call('HGETALL', KEYS[1])
local known, devices = {}, {}
for i = 1, #fields, 2 do known[fields[i]] = fields[i + 1] end
if tonumber(known['read'] or 0) < seq then redis.call('HSET', KEYS[1], 'read', seq) end
if not known['to'] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return devices
end
local to = tonumber(known['to'])
if to > seq then
  redis.call('HSET', KEYS[1], 'count', math.min(tonumber(known['count']), to - seq))
  return devices
end
for field in pairs(known) do
  if string.sub(field, 1, 5) == 'sent:' then devices[#devices + 1] = string.sub(field, 6) end
end
if #devices == 0 then
  redis.call('HDEL', KEYS[1], 'to', 'count', 'mention', 'parts')
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return devices`

/** ARGV: how far, kept for (ms). */
const clearedScript = `
local seq = tonumber(ARGV[1])
local to = tonumber(redis.call('HGET', KEYS[1], 'to') or 0)
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 5) == 'sent:' and tonumber(fields[i + 1]) <= seq then
    redis.call('HDEL', KEYS[1], fields[i], 'at:' .. string.sub(fields[i], 6))
  end
end
if to <= seq then
  redis.call('HDEL', KEYS[1], 'to', 'count', 'mention', 'parts')
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end`

const keyOf = ({ userId, conversationId }: ConversationView) =>
  `finnigram:push:shown:{${userId}}:${conversationId}`

/**
 * `apartMs`: least time between notifications of a conversation on one device, unless a message
 * mentions the person.
 */
export function openNotificationState(redis: RedisLink, apartMs: number): NotificationState {
  const define = (name: string, lua: string) => defineScript(redis, name, { keys: 1, lua })
  const plan = define('finnigramPushPlan', planScript)
  const look = define('finnigramPushLook', lookScript)
  const sent = define('finnigramPushSent', sentScript)
  const read = define('finnigramPushRead', readScript)
  const cleared = define('finnigramPushCleared', clearedScript)
  return {
    plan: async (view, { firstSeq, lastSeq, count, mentioned }) =>
      Number(await plan(keyOf(view), firstSeq, lastSeq, count, shownForMs, mentioned ? 1 : 0)),
    async look(view, targetKey) {
      const found = (await look(keyOf(view), targetKey, apartMs)) as (string | number | null)[]
      const [to, readTo, sentTo, restMs] = found
      return {
        plannedSeq: to ? Number(to) : undefined,
        readSeq: Number(readTo ?? 0),
        sentSeq: Number(sentTo ?? 0),
        restMs: Number(restMs ?? 0),
      }
    },
    sent: async (view, targetKey, seq) => (await sent(keyOf(view), targetKey, seq, shownForMs)) === 1,
    read: async (view, readSeq) => (await read(keyOf(view), readSeq, readForMs)) as string[],
    cleared: async (view, readSeq) => void (await cleared(keyOf(view), readSeq, readForMs)),
  }
}
