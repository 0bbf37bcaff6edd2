import type { Client } from '@finnigram/client'
import type { ListPosition } from '../../ui/windowed-list/list-props.ts'

/**
 * Chats of which the place is remembered; of more, the one that was left first opens at its end
 * again.
 */
const mostPositions = 200

type SavedPositions = { userId: string | undefined; positions: Map<string, ListPosition> }

const savedPositions = new WeakMap<Pick<Client, 'session'>, SavedPositions>()

/**
 * Where chats were left in the middle, while the app runs: of who is signed in, and forgotten for
 * the next person.
 */
export function scrollPositions(client: Pick<Client, 'session'>) {
  const userId = client.session.state.user?.id
  const known = savedPositions.get(client)
  const places =
    known !== undefined && known.userId === userId ? known.positions : new Map<string, ListPosition>()
  savedPositions.set(client, { userId, positions: places })
  return {
    get: (conversationId: string) => places.get(conversationId),
    /** Undefined for who stands at the end. */
    set(conversationId: string, place: ListPosition | undefined) {
      places.delete(conversationId)
      if (place !== undefined) places.set(conversationId, place)
      const [oldest] = places.keys()
      if (places.size > mostPositions && oldest !== undefined) places.delete(oldest)
    },
  }
}
