import { type messagesApi, type RouteReply, toProblem } from '@finnigram/contracts'
import { AppError, isUnavailable } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { NewMarker } from './new-marker.ts'

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
