import { usersApi } from '@finnigram/contracts'
import { fullJitter, type InternalClient, type Logger, pause } from '@finnigram/service-kit'
import type { WithLog, WithStopping, WithUsers } from '../deps.ts'
import { createVisibilityCache, type Visibility, type VisibilityCache } from './visibility-cache.ts'

export interface VisibilityChange {
  readonly targetId: string
  readonly before: Visibility
  readonly after: Visibility
  /** From the users service, where it may be shown. */
  readonly lastSeenAt: string | null
}

/**
 * What people on this node may see of others: looked up in the users service, cached, updated by
 * its events.
 */
export interface PresenceVisibility {
  read(watcherId: string, targetId: string): Visibility | undefined
  /** Keeps these pairs up to date until as many calls of `release`, and looks up unknown ones. */
  retain(watcherId: string, targetIds: readonly string[]): void
  release(watcherId: string, targetIds: Iterable<string>): void
  /** Like `read`, after one lookup of an unknown pair. */
  resolve(watcherId: string, targetId: string): Promise<Visibility | undefined>
  /** Applies an event to a cached pair. */
  update(watcherId: string, targetId: string, next: Partial<Visibility>): void
  /** Looks up all pairs again: events may have been missed. */
  refreshAll(): void
  /** Evicts pairs that nobody needs, and looks up old ones again. Called periodically. */
  evict(): void
}

export type VisibilityDeps = WithUsers & WithLog & WithStopping
type OnChange = (watcherId: string, changes: readonly VisibilityChange[]) => void

/** Age at which a pair is looked up again, in case an event was lost. */
const askAgainAfterMs = 5 * 60_000
const patienceMs = 2000

/** `onChange` is called for each lookup and each event that changes a pair. */
export function createPresenceVisibility(
  { users, log, stopping }: VisibilityDeps,
  onChange: OnChange,
): PresenceVisibility {
  const cache = createVisibilityCache()

  const lookUp = createLookup(users, { cache, onChange })
  const ask = createRetryingLookup(lookUp, { log, stopping })

  return {
    read: (watcherId, targetId) => cache.get(watcherId, targetId)?.visibility,
    retain(watcherId, targetIds) {
      const unknown: string[] = []
      for (const targetId of targetIds) {
        const pair = cache.add(watcherId, targetId)
        pair.references += 1
        if (pair.visibility.isVisible === undefined) unknown.push(targetId)
      }
      if (unknown.length > 0) void ask(watcherId, unknown)
    },
    release(watcherId, targetIds) {
      for (const targetId of targetIds) cache.release(watcherId, targetId)
    },
    async resolve(watcherId, targetId) {
      const pair = cache.add(watcherId, targetId)
      if (pair.visibility.isVisible === undefined) await ask(watcherId, [targetId])
      return pair.visibility
    },
    update(watcherId, targetId, next) {
      const pair = cache.get(watcherId, targetId)
      if (!pair) return
      pair.changes += 1
      const before = pair.visibility
      pair.visibility = { ...before, ...next }
      if (pair.visibility.isVisible === undefined) void ask(watcherId, [targetId])
      onChange(watcherId, [{ targetId, before, after: pair.visibility, lastSeenAt: null }])
    },
    refreshAll() {
      for (const watcherId of cache.watchers()) void ask(watcherId, cache.targetsOf(watcherId))
    },
    evict: () =>
      cache.evict(performance.now() - askAgainAfterMs, (watcherId, old) => void ask(watcherId, old)),
  }
}

/**
 * Looks up pairs in the users service. The answer counts unless an event has changed the pair
 * meanwhile.
 */
function createLookup(
  users: InternalClient,
  { cache, onChange }: { cache: VisibilityCache; onChange: OnChange },
): (watcherId: string, targetIds: string[]) => Promise<void> {
  return async (watcherId, targetIds) => {
    const asked = targetIds.flatMap((targetId) => {
      const pair = cache.get(watcherId, targetId)
      return pair ? { targetId, pair, changes: pair.changes } : []
    })
    if (asked.length === 0) return
    const body = { userId: watcherId, of: asked.map(({ targetId }) => targetId) }
    const { items } = await users.call(usersApi.lookupPresence, { body, timeoutMs: patienceMs })
    const seen = new Map(items.map((item) => [item.userId, item]))
    const current = asked.filter(({ pair, changes }) => pair.changes === changes)
    const changes = current.map(({ targetId, pair }) => {
      const item = seen.get(targetId)
      const before = pair.visibility
      const showsLastSeen = item ? !item.hidesLastSeen : before.showsLastSeen
      pair.visibility = { isVisible: item !== undefined, showsLastSeen }
      pair.checkedAt = performance.now()
      return { targetId, before, after: pair.visibility, lastSeenAt: item?.lastSeenAt ?? null }
    })
    onChange(watcherId, changes)
  }
}

/** Looks up what one person may see of others. Rejects when the users service cannot be reached. */
type Lookup = (watcherId: string, targetIds: string[]) => Promise<void>

interface Question {
  targetIds: Set<string>
  tried: PromiseWithResolvers<void>
}

/** Lookups at once, and people in one lookup. */
const atOnce = 8
const perQuestion = 500
const longestRestMs = 3_000

/**
 * Batches lookups by watcher and runs a few at a time. Failed ones are retried with backoff and
 * full jitter. The returned promise resolves after the next attempt, whatever its result.
 */
function createRetryingLookup(
  lookUp: Lookup,
  { log, stopping }: { log: Logger; stopping: AbortSignal },
): (watcherId: string, targetIds: Iterable<string>) => Promise<void> {
  const questions = new Map<string, Question>()
  let isAsking = false

  const add = (watcherId: string, targetIds: Iterable<string>) => {
    const question = questions.get(watcherId) ?? { targetIds: new Set(), tried: Promise.withResolvers() }
    questions.set(watcherId, question)
    for (const targetId of targetIds) question.targetIds.add(targetId)
    return question.tried.promise
  }
  /** Returns the error, if any. */
  const ask = async ([watcherId, { targetIds, tried }]: [string, Question]): Promise<unknown> => {
    const all = [...targetIds]
    const rest = all.splice(perQuestion)
    if (rest.length > 0) void add(watcherId, rest)
    try {
      await lookUp(watcherId, all)
      return undefined
    } catch (error) {
      void add(watcherId, all)
      return error
    } finally {
      tried.resolve()
    }
  }
  const run = async () => {
    isAsking = true
    for (let failures = 0; questions.size > 0 && !stopping.aborted; ) {
      const batch = questions.entries().take(atOnce).toArray()
      for (const [watcherId] of batch) questions.delete(watcherId)
      const [error] = (await Promise.all(batch.map(ask))).filter(Boolean)
      if (!error && failures > 0) log.info('Visibility can be looked up again')
      failures = error ? failures + 1 : 0
      if (failures === 1) log.warn('Visibility could not be looked up', { error })
      if (error) await pause(100 + fullJitter(failures, { baseMs: 200, maxMs: longestRestMs }), stopping)
    }
    isAsking = false
  }
  return (watcherId, targetIds) => {
    const tried = add(watcherId, targetIds)
    if (!isAsking) void run()
    return tried
  }
}
