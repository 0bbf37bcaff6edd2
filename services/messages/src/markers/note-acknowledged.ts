import { acknowledgedForMs, acknowledgedKey } from '@finnigram/contracts'
import type { Actor, RedisLink } from '@finnigram/service-kit'
import type { NewMarker } from './new-marker.ts'

/** What a device acknowledged is never taken back by an older call of its that comes later. */
const keepFurthest = `
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])`

/** Notes that the caller's device has these messages, so that it is not notified of them; lost without a word where Redis is away. */
export function noteAcknowledged(
  { commands }: RedisLink,
  { sessionId }: Actor,
  { conversationId, seq }: Pick<NewMarker, 'conversationId' | 'seq'>,
): void {
  commands
    .eval(keepFurthest, 1, acknowledgedKey(conversationId), sessionId, seq, acknowledgedForMs)
    .catch(() => {})
}
