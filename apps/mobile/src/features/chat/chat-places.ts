import type { Client } from '@finnigram/client'
import type { ListPlace } from '../../ui/windowed-list/list-props.ts'

/** Chats of which the place is remembered; of more, the one that was left first opens at its end again. */
const mostPlaces = 200

const placesOf = new WeakMap<Client, Map<string, ListPlace>>()

/** Where chats were left in the middle, while the app runs. */
export function chatPlaces(client: Client) {
  const places = placesOf.get(client) ?? new Map<string, ListPlace>()
  placesOf.set(client, places)
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
