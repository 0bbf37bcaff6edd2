/** A token bucket for each key, counted in this process. */
export interface TokenBuckets {
  /** Takes points of `key`: null; where there are too few, nothing, and the milliseconds until there are enough. */
  take(key: string, points?: number): number | null
  /**
   * Takes points that are used already: where there are too few the key owes them, and finds none
   * until it has paid.
   */
  spend(key: string, points: number): void
  /** Gives back what was taken for nothing. */
  giveBack(key: string, points?: number): void
  /** Keys that are remembered. */
  readonly size: number
}

export interface TokenBucketOptions {
  /** Points of a bucket that was left alone. */
  burst: number
  perSecond: number
  /** Keys remembered at most: beyond it the one used longest ago is forgotten, which fills its bucket. */
  mostKeys?: number
  now?: () => number
}

interface Bucket {
  points: number
  at: number
}

/** About 10 MB. */
const usualKeys = 50_000

export function createTokenBuckets({
  burst,
  perSecond,
  mostKeys = usualKeys,
  now = () => performance.now(),
}: TokenBucketOptions): TokenBuckets {
  /** The one used longest ago comes first. */
  const buckets = new Map<string, Bucket>()

  const pointsOf = (key: string, at: number) => {
    const bucket = buckets.get(key)
    return bucket ? Math.min(burst, bucket.points + ((at - bucket.at) / 1000) * perSecond) : burst
  }
  const keep = (key: string, bucket: Bucket) => {
    buckets.delete(key)
    if (bucket.points >= burst) return
    buckets.set(key, bucket)
    const [oldest] = buckets.keys()
    if (oldest !== undefined && (buckets.size > mostKeys || pointsOf(oldest, bucket.at) >= burst))
      buckets.delete(oldest)
  }
  return {
    take(key, points = 1) {
      const at = now()
      const there = pointsOf(key, at)
      if (there < points) return Math.ceil(((points - there) / perSecond) * 1000)
      keep(key, { points: there - points, at })
      return null
    },
    spend(key, points) {
      const at = now()
      keep(key, { points: pointsOf(key, at) - points, at })
    },
    giveBack(key, points = 1) {
      const at = now()
      keep(key, { points: Math.min(burst, pointsOf(key, at) + points), at })
    },
    get size() {
      return buckets.size
    },
  }
}
