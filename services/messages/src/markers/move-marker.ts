import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { NewMarker } from './new-marker.ts'
import { noteAcknowledged } from './note-acknowledged.ts'

/** Moves a marker of the caller's forward. Throws `not_found`. */
export async function moveMarker(
  { markers, redis }: MessagesContext,
  actor: Actor,
  marker: Omit<NewMarker, 'userId'>,
): Promise<void> {
  await markers.move({ ...marker, userId: actor.userId })
  noteAcknowledged(redis, actor, marker)
}
