import { compareIds, type StreamPosition } from './redis-streams.ts'

/** Notices gaps in one stream by counting entries. */
export interface StreamTracker {
  /** The last id read: the next read starts after it. */
  readonly lastId: string
  /**
   * Notes the ids that one read returned, in order, or none. Returns why entries were missed, if
   * so.
   */
  advance(ids: readonly string[]): string | undefined
  /**
   * Compares with the position that Redis reports. Returns why they cannot both be right, if so.
   */
  compare(position: StreamPosition): string | undefined
}

/**
 * Knows the ordinal of the last read entry: how many were ever added up to it. Redis reports the
 * same for its newest entry, and at that id both must agree. Where Redis is ahead, the comparison
 * waits until that id has been read.
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
