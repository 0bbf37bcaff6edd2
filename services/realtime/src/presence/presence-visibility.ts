import { usersApi } from '@finnigram/contracts'
import type { InternalClient } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import { createPatientAsking } from './ask-patiently.ts'
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
