import type { RedisLink } from '@finnigram/service-kit'
import { defineScript } from './redis-script.ts'

/** A conversation as one person sees it. */
export interface ConversationView {
  userId: string
  conversationId: string
}

/** How a conversation stands for one device. */
export interface NotificationStatus {
  /** Up to where notifications were planned and not taken back; undefined where none is. */
  plannedSeq: number | undefined
  /** How far the person is known to have read, lately. */
  readSeq: number
  /** Up to where this device was notified. */
  sentSeq: number
  /** Milliseconds that this device is still left in peace after its last notification; 0 when something new mentions its person. */
  restMs: number
}

interface Planned {
  firstSeq: number
  lastSeq: number
  count: number
  mentioned: boolean
}

/** What is shown to whom, by conversation, so that notifications add up, are sent once, and go when they are read. */
export interface NotificationState {
  /** Plans a notification of `count` messages: how many it tells, with those shown before it; 0 when they were read meanwhile. Doing it again changes nothing. */
  plan(view: ConversationView, called: Planned): Promise<number>
  look(view: ConversationView, targetKey: string): Promise<NotificationStatus>
  /** Writes down that a device was notified up to `seq`; false when that was read meanwhile. */
  sent(view: ConversationView, targetKey: string, seq: number): Promise<boolean>
  /** Writes down how far a person has read: the devices that show nothing newer. */
  read(view: ConversationView, readSeq: number): Promise<string[]>
  /** Forgets what is no longer shown, once these devices have been told. */
  cleared(view: ConversationView, readSeq: number): Promise<void>
}

export interface WithNotificationState {
  readonly notificationState: NotificationState
}

/** A notification that nobody looked at for so long is not taken away any more. */
const shownForMs = 14 * 24 * 3600_000
/** How far somebody read is known for this long: longer than any job waits between being planned and being sent again. */
const readForMs = 7 * 3600_000

/**
 * ARGV: first and last seq, how many, kept for (ms), 1 if one mentions the person. What was counted before is not counted
 * again, what another node plans later than what follows it is: `parts` names what was, as `1-4 7-9`.
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

/** ARGV: device, how far apart notifications are (ms). By the clock of Redis, which all nodes share. */
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

/** ARGV: how far, kept for (ms). Answers the devices that show something up to there, and nothing newer. */
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

/** `apartMs`: so far apart are a device's notifications of one conversation, while nothing new mentions its person. */
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
