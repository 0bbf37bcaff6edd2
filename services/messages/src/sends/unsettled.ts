import type { NewSend } from './new-send.ts'

/** The sends that are accepted and not through, by the id of their message. */
export interface Unsettled<T extends { send: NewSend }> {
  add(item: T): void
  remove(item: T): void
  /** Whether something under this id was accepted before `item` and is not through. Only earlier ones count, so that two never wait for each other. */
  hasBefore(id: string, item: T): boolean
}

/** A register of unsettled sends, in the order of their acceptance. */
export function createUnsettled<T extends { send: NewSend }>(): Unsettled<T> {
  const items = new Map<string, T[]>()
  const places = new Map<T, number>()
  let accepted = 0
  return {
    add(item) {
      accepted += 1
      places.set(item, accepted)
      const twins = items.get(item.send.id)
      if (twins) twins.push(item)
      else items.set(item.send.id, [item])
    },
    remove(item) {
      places.delete(item)
      const twins = items.get(item.send.id)?.filter((twin) => twin !== item) ?? []
      if (twins.length > 0) items.set(item.send.id, twins)
      else items.delete(item.send.id)
    },
    hasBefore(id, item) {
      const place = places.get(item) ?? 0
      return items.get(id)?.some((other) => (places.get(other) ?? 0) < place) ?? false
    },
  }
}
