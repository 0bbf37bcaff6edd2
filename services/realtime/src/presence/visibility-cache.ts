/** What one person may know of another. */
export interface Sight {
  /** Undefined while the users service has not said. */
  readonly isSeen: boolean | undefined
  readonly showsLastSeen: boolean
}

/** A watcher and one they watch, or hear typing. */
export interface Pair {
  sight: Sight
  /** Sockets that watch. */
  wanted: number
  usedAt: number
  settledAt: number
  /** Grows with every event about the pair: the answer to a question from before is out of date. */
  changes: number
}

/** Pairs by watcher, and by whom they watch. */
export interface Pairs {
  get(watcherId: string, targetId: string): Pair | undefined
  /** The pair, made if need be. */
  add(watcherId: string, targetId: string): Pair
  /** One socket less wants it. */
  release(watcherId: string, targetId: string): void
  targetsOf(watcherId: string): IterableIterator<string>
  watchers(): IterableIterator<string>
  /** Forgets what nobody needs any more; calls back with those that were settled before `then`. */
  tidy(then: number, onOld: (watcherId: string, targetIds: string[]) => void): void
}

/** A pair that nobody wants is kept this long, in case it is wanted again. */
const keepMs = 60_000
/** While one watcher has more pairs than this, none is. */
const mostKept = 1000

export function createPairs(now: () => number = () => performance.now()): Pairs {
  const byWatcher = new Map<string, Map<string, Pair>>()
  return {
    get: (watcherId, targetId) => byWatcher.get(watcherId)?.get(targetId),
    add(watcherId, targetId) {
      const own = byWatcher.get(watcherId) ?? new Map<string, Pair>()
      byWatcher.set(watcherId, own)
      const pair = own.get(targetId) ?? newPair(now())
      own.set(targetId, pair)
      pair.usedAt = now()
      return pair
    },
    release(watcherId, targetId) {
      const own = byWatcher.get(watcherId)
      const pair = own?.get(targetId)
      if (!own || !pair) return
      pair.wanted -= 1
      if (pair.wanted <= 0 && own.size > mostKept) own.delete(targetId)
    },
    targetsOf: (watcherId) => (byWatcher.get(watcherId) ?? new Map<string, Pair>()).keys(),
    watchers: () => byWatcher.keys(),
    tidy(then, onOld) {
      for (const [watcherId, own] of byWatcher) {
        const old: string[] = []
        for (const [targetId, { wanted, usedAt, settledAt }] of own) {
          if (wanted <= 0 && now() - usedAt > keepMs) own.delete(targetId)
          else if (settledAt < then) old.push(targetId)
        }
        if (own.size === 0) byWatcher.delete(watcherId)
        if (old.length > 0) onOld(watcherId, old)
      }
    },
  }
}

const newPair = (now: number): Pair => ({
  sight: { isSeen: undefined, showsLastSeen: false },
  wanted: 0,
  usedAt: now,
  settledAt: now,
  changes: 0,
})
