import {
  acknowledgedForMs,
  acknowledgedKey,
  type messagesApi,
  type RouteReply,
  toProblem,
} from '@finnigram/contracts'
import { type Actor, AppError, isUnavailable, type RedisLink } from '@finnigram/service-kit'
import type { WithLog, WithRedis } from '../deps.ts'
import type { NewMarker, WithMarkerBatcher } from './marker-batcher.ts'

/** Moves a marker of the caller forward. Throws `not_found`. */
export async function moveMarker(
  { markers, redis }: WithMarkerBatcher & WithRedis,
  actor: Actor,
  marker: Omit<NewMarker, 'userId'>,
): Promise<void> {
  await markers.move({ ...marker, userId: actor.userId })
  recordAcknowledged(redis, actor, marker)
}

type Reply = RouteReply<typeof messagesApi.internalMarkers>

/** Moves markers that realtime nodes received over sockets; one result each, in order. */
export async function moveMarkers(
  { markers: batcher, log }: WithMarkerBatcher & WithLog,
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

/** An older call that arrives later does not move it back. */
const keepFurthest = `
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])`

/**
 * Records that the caller's device has these messages, so that it gets no notification of them.
 * Without Redis the record is lost.
 */
function recordAcknowledged(
  { commands }: RedisLink,
  { sessionId }: Actor,
  { conversationId, seq }: Pick<NewMarker, 'conversationId' | 'seq'>,
): void {
  commands
    .eval(keepFurthest, 1, acknowledgedKey(conversationId), sessionId, seq, acknowledgedForMs)
    .catch(() => {})
}
