import type { NewSend } from './new-send.ts'

/** A text takes up to two bytes for each of its UTF-16 units. */
const bytesPerUnit = 2

/** Sends that wait, in order of acceptance within each conversation. */
export interface SendQueue<T extends { send: NewSend }> {
  readonly size: number
  /** Bytes that the texts of the waiting sends take. */
  readonly bytes: number
  /** How many sends of one person wait. */
  waitingOf(senderId: string): number
  add(item: T): void
  /**
   * Takes a batch of at most `max` sends. Their conversations are in flight until `release`: no
   * other batch takes from them. Empty when nothing may be sent now.
   */
  take(max: number): T[]
  release(batch: readonly T[]): void
}

/**
 * A queue in which a conversation is in one batch at a time, and ids are unique within a batch. A
 * send that refers to another comes after it. A reply waits for the next batch. A forward waits
 * until all sends with that id that were accepted earlier are settled.
 */
export function createSendQueue<T extends { send: NewSend }>(): SendQueue<T> {
  /** By conversation. A map keeps the order of insertion. */
  const waiting = new Map<string, T[]>()
  const inFlight = new Set<string>()
  const unsettled = createUnsettledRegister<T>()
  const counts = createCounts()
  return {
    get size() {
      return counts.size
    },
    get bytes() {
      return counts.bytes
    },
    waitingOf: counts.of,
    add(item) {
      const { conversationId } = item.send
      unsettled.add(item)
      const queued = waiting.get(conversationId)
      if (queued) queued.push(item)
      else waiting.set(conversationId, [item])
      counts.add(item.send, 1)
    },
    take(max) {
      const batch: T[] = []
      const ids = new Set<string>()
      for (const [conversationId, queued] of waiting) {
        if (batch.length >= max) break
        if (inFlight.has(conversationId)) continue
        const ready = countEligible(queued, { max: max - batch.length, ids, unsettled })
        if (ready === 0) continue
        batch.push(...queued.splice(0, ready))
        inFlight.add(conversationId)
        // The rest goes to the end, so that a busy conversation does not starve the others.
        waiting.delete(conversationId)
        if (queued.length > 0) waiting.set(conversationId, queued)
      }
      for (const { send } of batch) counts.add(send, -1)
      return batch
    },
    release(batch) {
      for (const item of batch) {
        inFlight.delete(item.send.conversationId)
        unsettled.remove(item)
      }
    },
  }
}

/** Counts the waiting sends, in all and of each sender, and the bytes of their texts. */
function createCounts() {
  const bySender = new Map<string, number>()
  const counts = {
    size: 0,
    bytes: 0,
    of: (senderId: string) => bySender.get(senderId) ?? 0,
    add({ senderId, text }: NewSend, by: 1 | -1) {
      const own = counts.of(senderId) + by
      if (own > 0) bySender.set(senderId, own)
      else bySender.delete(senderId)
      counts.size += by
      counts.bytes += by * bytesPerUnit * (text?.length ?? 0)
    },
  }
  return counts
}

/**
 * How many sends at the front of a conversation's queue may join a batch with these ids. Adds
 * theirs.
 */
function countEligible<T extends { send: NewSend }>(
  queued: readonly T[],
  { max, ids, unsettled }: { max: number; ids: Set<string>; unsettled: Unsettled<T> },
): number {
  let count = 0
  for (const item of queued) {
    const { id, replyToId, forwardOf } = item.send
    const waitsForBatch =
      ids.has(id) ||
      (replyToId !== undefined && ids.has(replyToId)) ||
      (forwardOf !== undefined && unsettled.hasBefore(forwardOf, item))
    if (count >= max || waitsForBatch) break
    ids.add(id)
    count += 1
  }
  return count
}

/** Sends that are accepted and not settled, by the id of their message. */
interface Unsettled<T extends { send: NewSend }> {
  add(item: T): void
  remove(item: T): void
  /**
   * Whether a send with this id was accepted before `item` and is not settled. Only earlier ones
   * count, so that two sends never wait for each other.
   */
  hasBefore(id: string, item: T): boolean
}

function createUnsettledRegister<T extends { send: NewSend }>(): Unsettled<T> {
  const items = new Map<string, T[]>()
  const places = new Map<T, number>()
  let accepted = 0
  return {
    add(item) {
      accepted += 1
      places.set(item, accepted)
      const sameId = items.get(item.send.id)
      if (sameId) sameId.push(item)
      else items.set(item.send.id, [item])
    },
    remove(item) {
      places.delete(item)
      const sameId = items.get(item.send.id)?.filter((other) => other !== item) ?? []
      if (sameId.length > 0) items.set(item.send.id, sameId)
      else items.delete(item.send.id)
    },
    hasBefore(id, item) {
      const place = places.get(item) ?? 0
      return items.get(id)?.some((other) => (places.get(other) ?? 0) < place) ?? false
    },
  }
}
