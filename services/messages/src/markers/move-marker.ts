import type { Actor } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import type { NewMarker } from './new-marker.ts'

/** Moves a marker of the caller's forward. Throws `not_found`. */
export const moveMarker = (
  { markers }: MessagesContext,
  actor: Actor,
  marker: Omit<NewMarker, 'userId'>,
): Promise<void> => markers.move({ ...marker, userId: actor.userId })
