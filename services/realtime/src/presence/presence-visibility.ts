import { usersApi } from '@finnigram/contracts'
import type { InternalClient, Logger } from '@finnigram/service-kit'
import { fullJitter, pause } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'

import { createPairs, type Pairs, type Sight } from './visibility-cache.ts'

export interface SightChange {
  readonly targetId: string
  readonly before: Sight
  readonly after: Sight
  /** As the users service answered it, where it may be shown. */
  readonly lastSeenAt: string | null
}

/** Who of those on this node may know what of whom: as the users service says, and as its events change it. */
export interface Sights {
  read(watcherId: string, targetId: string): Sight | undefined
  /** Keeps these up to date from now on, until as many calls of `drop`; asks for those that are not known. */
  want(watcherId: string, targetIds: readonly string[]): void
  drop(watcherId: string, targetIds: Iterable<string>): void
  /** The same as `read`, after one try to learn it where it is not known. */
  learn(watcherId: string, targetId: string): Promise<Sight | undefined>
  /** An event changed it, where the pair is known here. */
  change(watcherId: string, targetId: string, next: Partial<Sight>): void
  /** Events may have been missed. */
  askAllAgain(): void
  /** Forgets what nobody needs, and asks again for what was learned long ago. Called now and then. */
  tidy(): void
}

type Needs = Pick<RealtimeContext, 'users' | 'log' | 'stopping'>
type OnChange = (watcherId: string, changes: readonly SightChange[]) => void

/** Events tell every change; this is for those that went astray. */
const askAgainAfterMs = 5 * 60_000
const patienceMs = 2000

/** `onChange` hears of every answer and every change by an event. */
export function createSights({ users, log, stopping }: Needs, onChange: OnChange): Sights {
  const pairs = createPairs()

  const answer = createAnswer(users, { pairs, onChange })
  const ask = createPatientAsking(answer, { log, stopping })

  return {
    read: (watcherId, targetId) => pairs.get(watcherId, targetId)?.sight,
    want(watcherId, targetIds) {
      const unknown: string[] = []
      for (const targetId of targetIds) {
        const pair = pairs.add(watcherId, targetId)
        pair.wanted += 1
        if (pair.sight.isSeen === undefined) unknown.push(targetId)
      }
      if (unknown.length > 0) void ask(watcherId, unknown)
    },
    drop(watcherId, targetIds) {
      for (const targetId of targetIds) pairs.release(watcherId, targetId)
    },
    async learn(watcherId, targetId) {
      const pair = pairs.add(watcherId, targetId)
      if (pair.sight.isSeen === undefined) await ask(watcherId, [targetId])
      return pair.sight
    },
    change(watcherId, targetId, next) {
      const pair = pairs.get(watcherId, targetId)
      if (!pair) return
      pair.changes += 1
      const before = pair.sight
      pair.sight = { ...before, ...next }
      if (pair.sight.isSeen === undefined) void ask(watcherId, [targetId])
      onChange(watcherId, [{ targetId, before, after: pair.sight, lastSeenAt: null }])
    },
    askAllAgain() {
      for (const watcherId of pairs.watchers()) void ask(watcherId, pairs.targetsOf(watcherId))
    },
    tidy: () => pairs.tidy(performance.now() - askAgainAfterMs, (watcherId, old) => void ask(watcherId, old)),
  }
}

/** A function that asks the users service about pairs, and takes its answer where no event has changed the pair meanwhile. */
function createAnswer(
  users: InternalClient,
  { pairs, onChange }: { pairs: Pairs; onChange: OnChange },
): (watcherId: string, targetIds: string[]) => Promise<void> {
  return async (watcherId, targetIds) => {
    const asked = targetIds.flatMap((targetId) => {
      const pair = pairs.get(watcherId, targetId)
      return pair ? { targetId, pair, changes: pair.changes } : []
    })
    if (asked.length === 0) return
    const body = { userId: watcherId, of: asked.map(({ targetId }) => targetId) }
    const { items } = await users.call(usersApi.lookupPresence, { body, timeoutMs: patienceMs })
    const seen = new Map(items.map((item) => [item.userId, item]))
    const current = asked.filter(({ pair, changes }) => pair.changes === changes)
    const news = current.map(({ targetId, pair }) => {
      const item = seen.get(targetId)
      const before = pair.sight
      const showsLastSeen = item ? !item.hidesLastSeen : before.showsLastSeen
      pair.sight = { isSeen: item !== undefined, showsLastSeen }
      pair.settledAt = performance.now()
      return { targetId, before, after: pair.sight, lastSeenAt: item?.lastSeenAt ?? null }
    })
    onChange(watcherId, news)
  }
}

/** Answers what one person asks about others; rejects when it cannot be asked. */
type Answer = (watcherId: string, targetIds: string[]) => Promise<void>

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
function createPatientAsking(
  answer: Answer,
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
      await answer(watcherId, all)
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
