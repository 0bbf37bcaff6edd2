import { compareIds, type StreamPosition } from './redis-streams.ts'

/** Follows one stream by counting. */
export interface StreamTracker {
  /** The last id read: the next read starts after it. */
  readonly lastId: string
  /** Takes note of the ids one read returned, in order, or of none. Says why when entries before them were missed. */
  advance(ids: readonly string[]): string | undefined
  /** Compares with where Redis says the stream stands. Says why when the two cannot both be right. */
  compare(position: StreamPosition): string | undefined
}

/**
 * Knows which ordinal (how many were added up to it) the last read entry has. A position of Redis gives a second opinion:
 * at its id the ordinals must agree. Where Redis is ahead, the comparison waits until that id has been read.
 */
export function createTracker(start: StreamPosition = { lastId: '0-0', added: 0 }): StreamTracker {
  let { lastId, added } = start
  let expected: StreamPosition | undefined

  const settle = ({ lastId: id, added: count }: StreamPosition) => {
    expected = undefined
    const reason = added === count ? undefined : 'entries were gone before they were read'
    lastId = id
    added = count
    return reason
  }
  return {
    get lastId() {
      return lastId
    },
    advance(ids) {
      // Redis had more than was read, and a read found nothing: it is gone.
      if (expected && ids.length === 0) return settle(expected)
      let gap: string | undefined
      for (const id of ids) {
        if (expected && compareIds(id, expected.lastId) > 0) gap = settle(expected) ?? gap
        lastId = id
        added += 1
        if (expected?.lastId === id) gap = settle(expected) ?? gap
      }
      return gap
    },
    compare(position) {
      const order = compareIds(position.lastId, lastId)
      if (order < 0 || position.added < added) {
        lastId = position.lastId
        added = position.added
        expected = undefined
        return 'the stream was emptied or replaced'
      }
      if (order === 0) return settle(position)
      expected ??= position
      return undefined
    },
  }
}
