import { type UserEventData, usersApi } from '@finnigram/contracts'
import { fullJitter, pause } from '@finnigram/service-kit'
import type { WithPool, WithRedis, WithUsers } from '../deps.ts'
import { publishMarkers } from '../markers/publish-markers.ts'
import { copyProfilePage, type ProfileCopyDeps, profileCopyName } from './build-profile-copy.ts'
import { copyBlocks } from './copy-blocks.ts'

/** Time between two rounds, whatever arrived as events. */
const everyMs = 5 * 60_000
/** More than a transaction of the users service takes, and more than two clocks differ. */
const overlapMs = 10 * 60_000

type ReconcileDeps = ProfileCopyDeps & WithRedis

/**
 * Reconciles the copy of profiles and blocks with the users service: every few minutes, and at once
 * when another Redis has taken over. Events may be lost with a Redis, or be parked. Whatever
 * changed since the last round is copied by its version.
 */
export function startReconciling(deps: ReconcileDeps): AsyncDisposable {
  const { redis, log } = deps
  const ending = new AbortController()
  let wake = new AbortController()
  const replacement = redis.server.onReplaced(() => wake.abort())
  const run = async () => {
    for (let failures = 0; !ending.signal.aborted; ) {
      const isUrgent = wake.signal.aborted
      if (isUrgent) wake = new AbortController()
      try {
        await reconcileProfileCopy(deps, { isUrgent: isUrgent || failures > 0 })
        failures = 0
      } catch (error) {
        if (failures === 0) log.warn('The profile copy could not be reconciled', { error })
        failures += 1
      }
      const restMs = failures > 0 ? 250 + fullJitter(failures, { maxMs: 10_000 }) : everyMs / 10
      await pause(restMs, AbortSignal.any([ending.signal, wake.signal]))
    }
  }
  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      replacement[Symbol.dispose]()
      await running
    },
  }
}

/** Copies what changed since the last round, if that is long ago or it is urgent. */
async function reconcileProfileCopy(deps: ReconcileDeps, { isUrgent = false } = {}): Promise<void> {
  const { prisma } = deps
  const state = await prisma.replicaState.findUnique({ where: { name: profileCopyName } })
  const comparedAt = state?.comparedAt ?? state?.builtAt
  // Without a complete copy there is nothing to reconcile.
  if (!comparedAt) return
  const startedAt = new Date()
  if (!isUrgent && startedAt.getTime() - comparedAt.getTime() < everyMs) return
  const changedSince = new Date(comparedAt.getTime() - overlapMs).toISOString()
  await copyChangedProfiles(deps, changedSince)
  await copyChangedBlocks(deps, changedSince)
  await prisma.replicaState.update({ where: { name: profileCopyName }, data: { comparedAt: startedAt } })
}

async function copyChangedProfiles(deps: ReconcileDeps, changedSince: string): Promise<void> {
  const { pool, users, jobs } = deps
  for await (const items of pages((after) =>
    users.call(usersApi.snapshotUsers, { query: { changedSince, ...after } }),
  )) {
    await copyProfilePage(pool, items)
    jobs.wake()
  }
}

async function copyChangedBlocks(
  { pool, users, redis }: WithPool & WithUsers & WithRedis,
  changedSince: string,
): Promise<void> {
  for await (const items of pages((after) =>
    users.call(usersApi.snapshotBlocks, { query: { changedSince, ...after } }),
  )) {
    const changes: UserEventData['block.changed'][] = items.map((item) => ({ isBlocked: true, ...item }))
    publishMarkers(redis, await copyBlocks(pool, changes))
  }
}

async function* pages<T>(
  load: (after: { after?: string }) => Promise<{ items: T[]; nextAfter: string | null }>,
): AsyncGenerator<T[]> {
  for (let after: string | null | undefined; after !== null; ) {
    const page: { items: T[]; nextAfter: string | null } = await load(after === undefined ? {} : { after })
    yield page.items
    after = page.nextAfter
  }
}
