import { usersApi } from '@finnigram/contracts'
import type { InternalClient, Logger } from '@finnigram/service-kit'
import { fullJitter, pause } from '@finnigram/service-kit'
import type { WithLog, WithStopping, WithUsers } from '../deps.ts'

import { createVisibilityCache, type Visibility, type VisibilityCache } from './visibility-cache.ts'

export interface VisibilityChange {
  readonly targetId: string
  readonly before: Visibility
  readonly after: Visibility
  /** As the users service answered it, where it may be shown. */
  readonly lastSeenAt: string | null
}

/** Who of those on this node may know what of whom: as the users service says, and as its events change it. */
export interface PresenceVisibility {
  read(watcherId: string, targetId: string): Visibility | undefined
  /** Keeps these up to date from now on, until as many calls of `release`; asks for those that are not known. */
  retain(watcherId: string, targetIds: readonly string[]): void
  release(watcherId: string, targetIds: Iterable<string>): void
  /** The same as `read`, after one try to learn it where it is not known. */
  resolve(watcherId: string, targetId: string): Promise<Visibility | undefined>
  /** An event changed it, where the pair is known here. */
  update(watcherId: string, targetId: string, next: Partial<Visibility>): void
  /** Events may have been missed. */
  refreshAll(): void
  /** Forgets what nobody needs, and asks again for what was learned long ago. Called now and then. */
  evict(): void
}

export type VisibilityDeps = WithUsers & WithLog & WithStopping
type OnChange = (watcherId: string, changes: readonly VisibilityChange[]) => void

/** Events tell every change; this is for those that went astray. */
const askAgainAfterMs = 5 * 60_000
const patienceMs = 2000

/** `onChange` hears of every answer and every change by an event. */
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

/** A function that asks the users service about pairs, and takes its answer where no event has changed the pair meanwhile. */
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
    const news = current.map(({ targetId, pair }) => {
      const item = seen.get(targetId)
      const before = pair.visibility
      const showsLastSeen = item ? !item.hidesLastSeen : before.showsLastSeen
      pair.visibility = { isVisible: item !== undefined, showsLastSeen }
      pair.checkedAt = performance.now()
      return { targetId, before, after: pair.visibility, lastSeenAt: item?.lastSeenAt ?? null }
    })
    onChange(watcherId, news)
  }
}

/** Answers what one person asks about others; rejects when it cannot be asked. */
type Lookup = (watcherId: string, targetIds: string[]) => Promise<void>

interface Question {
  targetIds: Set<string>
  tried: PromiseWithResolvers<void>
}

/** Watchers asked for at once, and people in one question. */
const atOnce = 8
const perQuestion = 500
const longestRestMs = 3_000

/**
 * Collects questions by who asks and has them answered, a few at a time; what could not be asked is asked again, less and
 * less often. The returned promise resolves after the next try, whatever came of it.
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
  /** What went wrong, if anything did. */
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
      if (!error && failures > 0) log.info('Who may see whom is known again')
      failures = error ? failures + 1 : 0
      if (failures === 1) log.warn('Who may see whom could not be asked for', { error })
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
