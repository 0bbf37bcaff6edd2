import type { NewSend } from './new-send.ts'
import { createUnsettled, type Unsettled } from './unsettled.ts'

/** A text takes up to two bytes for each of its UTF-16 units. */
const bytesPerUnit = 2

/** Sends that wait, in the order of their acceptance within each conversation. */
export interface SendQueue<T extends { send: NewSend }> {
  readonly size: number
  /** What the texts of those that wait take, in bytes. */
  readonly bytes: number
  /** How many sends of one person wait. */
  waitingOf(senderId: string): number
  add(item: T): void
  /**
   * Takes a batch of at most `max`, of conversations that no other batch holds, and holds them until `release`.
   * Empty when there is nothing that may go now.
   */
  take(max: number): T[]
  release(batch: readonly T[]): void
}

/**
 * A queue in which a conversation is in one batch at a time and ids are unique within a batch. What refers to a message
 * comes after it: an answer waits for the next batch, a forward until all that was accepted before under that id is through.
 */
export function createSendQueue<T extends { send: NewSend }>(): SendQueue<T> {
  /** A map keeps the order in which conversations came. */
  const waiting = new Map<string, T[]>()
  const held = new Set<string>()
  const unsettled = createUnsettled<T>()
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
      const line = waiting.get(conversationId)
      if (line) line.push(item)
      else waiting.set(conversationId, [item])
      counts.add(item.send, 1)
    },
    take(max) {
      const batch: T[] = []
      const ids = new Set<string>()
      for (const [conversationId, line] of waiting) {
        if (batch.length >= max) break
        if (held.has(conversationId)) continue
        const ready = takeable(line, { max: max - batch.length, ids, unsettled })
        if (ready === 0) continue
        batch.push(...line.splice(0, ready))
        held.add(conversationId)
        // What is left goes to the end, so that a busy conversation does not starve the others.
        waiting.delete(conversationId)
        if (line.length > 0) waiting.set(conversationId, line)
      }
      for (const { send } of batch) counts.add(send, -1)
      return batch
    },
    release(batch) {
      for (const item of batch) {
        held.delete(item.send.conversationId)
        unsettled.remove(item)
      }
    },
  }
}

/** How many sends wait, what their texts take, and whose they are. */
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

/** How many from the front of a conversation's line may join a batch that has these ids already; they are added. */
function takeable<T extends { send: NewSend }>(
  line: readonly T[],
  { max, ids, unsettled }: { max: number; ids: Set<string>; unsettled: Unsettled<T> },
): number {
  let count = 0
  for (const item of line) {
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
