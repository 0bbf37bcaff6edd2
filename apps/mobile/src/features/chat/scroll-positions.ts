import type { Client } from '@finnigram/client'
import type { ListPosition } from '../../ui/windowed-list/list-props.ts'

/** Chats whose position is kept. Beyond that the oldest is dropped and opens at its end. */
const mostPositions = 200

type SavedPositions = { userId: string | undefined; positions: Map<string, ListPosition> }

const savedPositions = new WeakMap<Pick<Client, 'session'>, SavedPositions>()

/**
 * Scroll positions of chats that were left in the middle. They last while the app runs and belong
 * to the signed-in user.
 */
export function scrollPositions(client: Pick<Client, 'session'>) {
  const userId = client.session.state.user?.id
  const known = savedPositions.get(client)
  const positions =
    known !== undefined && known.userId === userId ? known.positions : new Map<string, ListPosition>()
  savedPositions.set(client, { userId, positions: positions })
  return {
    get: (conversationId: string) => positions.get(conversationId),
    /** Undefined at the end of the chat. */
    set(conversationId: string, position: ListPosition | undefined) {
      positions.delete(conversationId)
      if (position !== undefined) positions.set(conversationId, position)
      const [oldest] = positions.keys()
      if (positions.size > mostPositions && oldest !== undefined) positions.delete(oldest)
    },
  }
}
