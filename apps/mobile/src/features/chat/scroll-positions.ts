import type { Client } from '@finnigram/client'
import type { ListPlace } from '../../ui/windowed-list/list-props.ts'

/**
 * Chats of which the place is remembered; of more, the one that was left first opens at its end
 * again.
 */
const mostPlaces = 200

type Kept = { userId: string | undefined; places: Map<string, ListPlace> }

const keptOf = new WeakMap<Pick<Client, 'session'>, Kept>()

/**
 * Where chats were left in the middle, while the app runs: of who is signed in, and forgotten for
 * the next person.
 */
export function chatPlaces(client: Pick<Client, 'session'>) {
  const userId = client.session.state.user?.id
  const known = keptOf.get(client)
  const places = known !== undefined && known.userId === userId ? known.places : new Map<string, ListPlace>()
  keptOf.set(client, { userId, places })
  return {
    get: (conversationId: string) => places.get(conversationId),
    /** Undefined for who stands at the end. */
    set(conversationId: string, place: ListPlace | undefined) {
      places.delete(conversationId)
      if (place !== undefined) places.set(conversationId, place)
      const [oldest] = places.keys()
      if (places.size > mostPlaces && oldest !== undefined) places.delete(oldest)
    },
  }
}
