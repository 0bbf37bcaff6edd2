/** A token bucket for each key, counted in this process. */
export interface TokenBuckets {
  /**
   * Takes tokens of `key` and returns null. Where there are too few it takes none, and returns the
   * milliseconds until there are enough.
   */
  take(key: string, tokens?: number): number | null
  /** Takes tokens that are used already. Where there are too few, the key is in debt. */
  spend(key: string, tokens: number): void
  /** Returns tokens that were taken for nothing. */
  giveBack(key: string, tokens?: number): void
  /** Keys that are remembered. */
  readonly size: number
}

interface TokenBucketOptions {
  /** Tokens of a full bucket. */
  burst: number
  perSecond: number
  /**
   * Keys remembered at most. Beyond it the key used longest ago is forgotten: its bucket is full.
   */
  mostKeys?: number
  now?: () => number
}

interface Bucket {
  tokens: number
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
  /** The key used longest ago comes first. */
  const buckets = new Map<string, Bucket>()

  const tokensOf = (key: string, at: number) => {
    const bucket = buckets.get(key)
    return bucket ? Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond) : burst
  }
  const keep = (key: string, bucket: Bucket) => {
    buckets.delete(key)
    if (bucket.tokens >= burst) return
    buckets.set(key, bucket)
    const [oldest] = buckets.keys()
    if (oldest !== undefined && (buckets.size > mostKeys || tokensOf(oldest, bucket.at) >= burst))
      buckets.delete(oldest)
  }
  return {
    take(key, tokens = 1) {
      const at = now()
      const left = tokensOf(key, at)
      if (left < tokens) return Math.ceil(((tokens - left) / perSecond) * 1000)
      keep(key, { tokens: left - tokens, at })
      return null
    },
    spend(key, tokens) {
      const at = now()
      keep(key, { tokens: tokensOf(key, at) - tokens, at })
    },
    giveBack(key, tokens = 1) {
      const at = now()
      keep(key, { tokens: Math.min(burst, tokensOf(key, at) + tokens), at })
    },
    get size() {
      return buckets.size
    },
  }
}
