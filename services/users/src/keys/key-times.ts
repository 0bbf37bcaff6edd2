import { accessTokenSeconds } from './access-token-seconds.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** A key signs for so long. */
export const rotateAfterMs = 90 * day
/** A key is published so long before it signs: whoever verifies has fetched it many times by then. */
export const publishedAheadMs = 15 * minute
/** A replaced key stays until the last token it signed has ended, and a little longer. */
export const keptAfterMs = accessTokenSeconds * 1000 + 10 * minute
