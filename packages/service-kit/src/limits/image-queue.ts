import { AppError } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { createBulkhead } from './bulkhead.ts'

/**
 * A picture may take some hundred megabytes while it is decoded, and about a second. Who waits
 * holds a few megabytes at most.
 */
const pictureQueue = {
  atOnce: 1,
  mostWaiting: 32,
  mostWaitingOfOne: 4,
  patienceMs: 30_000,
}

/**
 * What a service lends to `createPictures` of `packages/images`: one queue for the process, in
 * which people wait fairly; a metric; and the API error for a file that is no picture.
 */
export function createImageQueue(metrics: Metrics) {
  const queue = createBulkhead({ ...pictureQueue, measured: { name: 'pictures', metrics } })
  const previews = metrics.counter(
    'heif_previews_total',
    'HEIC pictures of which a preview was made, and those that went as a file instead',
    ['outcome'],
  )
  return {
    /** Throws `unavailable` where there is no place in time. */
    run: <T>(ownerId: string, work: () => Promise<T>): Promise<T> => queue.run(ownerId, work),
    countPreview: (outcome: 'made' | 'refused'): void => previews.inc({ outcome }),
    refusal: (cause: Error): Error =>
      new AppError('unsupported_media_type', { detail: cause.message, cause }),
  }
}
