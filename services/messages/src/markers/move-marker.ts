import type { messagesApi, RouteReply } from '@finnigram/contracts'
import { acknowledgedForMs, acknowledgedKey, toProblem } from '@finnigram/contracts'
import type { Actor, RedisLink } from '@finnigram/service-kit'
import { AppError, isUnavailable } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { NewMarker } from './marker-batcher.ts'

/** Moves a marker of the caller's forward. Throws `not_found`. */
export async function moveMarker(
  { markers, redis }: MessagesContext,
  actor: Actor,
  marker: Omit<NewMarker, 'userId'>,
): Promise<void> {
  await markers.move({ ...marker, userId: actor.userId })
  noteAcknowledged(redis, actor, marker)
}

type Reply = RouteReply<typeof messagesApi.internalMarkers>

/** Moves markers that realtime nodes took over their sockets; one result each, in order. */
export async function moveInternally(
  { markers: batcher, log }: MessagesContext,
  { markers, requestId }: { markers: readonly NewMarker[]; requestId: string },
): Promise<Reply> {
  const moveOne = async (marker: NewMarker): Promise<Reply['results'][number]> => {
    try {
      await batcher.move(marker)
      return { ok: true }
    } catch (error) {
      const code = error instanceof AppError ? error.code : isUnavailable(error) ? 'unavailable' : 'internal'
      if (code === 'internal') log.error('A marker could not be moved', { error })
      return { ok: false, error: toProblem(code, { requestId }) }
    }
  }
  return { results: await Promise.all(markers.map(moveOne)) }
}

/** What a device acknowledged is never taken back by an older call of its that comes later. */
const keepFurthest = `
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])`

/** Notes that the caller's device has these messages, so that it is not notified of them; lost without a word where Redis is away. */
function noteAcknowledged(
  { commands }: RedisLink,
  { sessionId }: Actor,
  { conversationId, seq }: Pick<NewMarker, 'conversationId' | 'seq'>,
): void {
  commands
    .eval(keepFurthest, 1, acknowledgedKey(conversationId), sessionId, seq, acknowledgedForMs)
    .catch(() => {})
}
