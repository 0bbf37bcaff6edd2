/** What one person may know of another. */
export interface Visibility {
  /** Undefined while the users service has not said. */
  readonly isVisible: boolean | undefined
  readonly showsLastSeen: boolean
}

/** A watcher and one they watch, or hear typing. */
export interface VisibilityEntry {
  visibility: Visibility
  /** Sockets that watch. */
  references: number
  usedAt: number
  checkedAt: number
  /** Grows with every event about the pair: the answer to a question from before is out of date. */
  changes: number
}

/** Entries by watcher, and by whom they watch. */
export interface VisibilityCache {
  get(watcherId: string, targetId: string): VisibilityEntry | undefined
  /** The pair, made if need be. */
  add(watcherId: string, targetId: string): VisibilityEntry
  /** One socket less wants it. */
  release(watcherId: string, targetId: string): void
  targetsOf(watcherId: string): IterableIterator<string>
  watchers(): IterableIterator<string>
  /** Forgets what nobody needs any more; calls back with those that were settled before `then`. */
  evict(then: number, onOld: (watcherId: string, targetIds: string[]) => void): void
}

/** A pair that nobody wants is kept this long, in case it is wanted again. */
const keepMs = 60_000
/** While one watcher has more pairs than this, none is. */
const mostKept = 1000

export function createVisibilityCache(now: () => number = () => performance.now()): VisibilityCache {
  const byWatcher = new Map<string, Map<string, VisibilityEntry>>()
  return {
    get: (watcherId, targetId) => byWatcher.get(watcherId)?.get(targetId),
    add(watcherId, targetId) {
      const own = byWatcher.get(watcherId) ?? new Map<string, VisibilityEntry>()
      byWatcher.set(watcherId, own)
      const pair = own.get(targetId) ?? newEntry(now())
      own.set(targetId, pair)
      pair.usedAt = now()
      return pair
    },
    release(watcherId, targetId) {
      const own = byWatcher.get(watcherId)
      const pair = own?.get(targetId)
      if (!own || !pair) return
      pair.references -= 1
      if (pair.references <= 0 && own.size > mostKept) own.delete(targetId)
    },
    targetsOf: (watcherId) => (byWatcher.get(watcherId) ?? new Map<string, VisibilityEntry>()).keys(),
    watchers: () => byWatcher.keys(),
    evict(then, onOld) {
      for (const [watcherId, own] of byWatcher) {
        const old: string[] = []
        for (const [targetId, { references, usedAt, checkedAt }] of own) {
          if (references <= 0 && now() - usedAt > keepMs) own.delete(targetId)
          else if (checkedAt < then) old.push(targetId)
        }
        if (own.size === 0) byWatcher.delete(watcherId)
        if (old.length > 0) onOld(watcherId, old)
      }
    },
  }
}

const newEntry = (now: number): VisibilityEntry => ({
  visibility: { isVisible: undefined, showsLastSeen: false },
  references: 0,
  usedAt: now,
  checkedAt: now,
  changes: 0,
})
