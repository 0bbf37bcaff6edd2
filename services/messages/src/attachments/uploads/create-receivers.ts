import { AppError, createSlotPool, type Metrics } from '@finnigram/service-kit'

/** Requests with bytes at once, in all and of one person. */
const atOnce = 200
const mostOfOne = 8
/**
 * Bytes that all of them hold in memory before storing. The more requests, the smaller the pieces.
 */
const heldBytes = 16 * 2 ** 20
const largestPiece = 2 ** 20
const smallestPiece = 64 * 1024

/** A request with bytes of an upload. */
export interface Receiver {
  ownerId: string
  uploadId: string
  /** Ends its body as if the sender had disconnected. */
  stop: () => void
}

/** The requests that bring bytes to this process now. */
export interface Receivers {
  /** Bytes of a piece, by the number of requests. */
  pieceBytes(): number
  /**
   * Receives for one request. An older one of the same upload ends first: its sender has
   * reconnected. Throws `rate_limited` or `unavailable` when there is no place, and `conflict` when
   * a newer request has come meanwhile.
   */
  run<T>(receiver: Receiver, receive: (followsAnother: boolean) => Promise<T>): Promise<T>
}

export function createReceivers(metrics: Metrics): Receivers {
  const places = createSlotPool({ atOnce, mostOfOne, measured: { name: 'uploads', metrics } })
  const newest = new Map<string, { stop: () => void; ended: Promise<void> }>()
  return {
    pieceBytes: () =>
      Math.max(smallestPiece, Math.min(largestPiece, Math.floor(heldBytes / Math.max(1, places.size)))),
    async run({ ownerId, uploadId, stop }, receive) {
      const older = newest.get(uploadId)
      const { promise: ended, resolve: end } = Promise.withResolvers<void>()
      const own = { stop, ended }
      newest.set(uploadId, own)
      try {
        older?.stop()
        await older?.ended
        if (newest.get(uploadId) !== own) {
          throw new AppError('conflict', { detail: 'A newer request brings this upload' })
        }
        using _place = places.take(ownerId, stop)
        return await receive(older !== undefined)
      } finally {
        if (newest.get(uploadId) === own) newest.delete(uploadId)
        end()
      }
    },
  }
}
