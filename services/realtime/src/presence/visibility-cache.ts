/** What one person may see of another. */
export interface Visibility {
  /** Undefined until it was looked up. */
  readonly isVisible: boolean | undefined
  readonly showsLastSeen: boolean
}

/** A pair: a watcher, and a person whom they watch or see typing. */
export interface VisibilityEntry {
  visibility: Visibility
  /** Sockets that watch. */
  references: number
  usedAt: number
  checkedAt: number
  /** Grows with each event about the pair: a lookup from before is outdated. */
  changes: number
}

/** Entries by watcher, and by whom they watch. */
export interface VisibilityCache {
  get(watcherId: string, targetId: string): VisibilityEntry | undefined
  /** Returns the pair, and creates it if need be. */
  add(watcherId: string, targetId: string): VisibilityEntry
  /** Takes one reference back. */
  release(watcherId: string, targetId: string): void
  targetsOf(watcherId: string): IterableIterator<string>
  watchers(): IterableIterator<string>
  /** Evicts unused pairs; calls `onOld` with those that were looked up before `then`. */
  evict(then: number, onOld: (watcherId: string, targetIds: string[]) => void): void
}

/** How long a pair without references is kept, in milliseconds. */
const keepMs = 60_000
/** With more pairs of one watcher than this, unused ones are not kept. */
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
