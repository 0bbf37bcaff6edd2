import { type UserEventData, usersApi } from '@finnigram/contracts'
import { fullJitter, type InternalClient, pause, type RedisLink } from '@finnigram/service-kit'
import { publishMarkers } from '../markers/publish-markers.ts'
import { copyPage, type ReplicaSources, replicaName } from './build-profile-copy.ts'
import { copyBlocks } from './copy-blocks.ts'

/** How often what has changed is asked for, whatever the events told. */
const everyMs = 5 * 60_000
/** Longer than a transaction of the users service lasts and than two clocks differ. */
const overlapMs = 10 * 60_000

export type CompareSources = ReplicaSources & { redis: RedisLink }

/**
 * Compares the copy of profiles and blocks with the users service: every few minutes, and at once when another Redis has
 * taken over. Events may be lost with a Redis, or parked; what changed since the last comparison is copied by its version.
 */
export function startComparing(sources: CompareSources): AsyncDisposable {
  const { redis, log } = sources
  const ending = new AbortController()
  let wake = new AbortController()
  const replacement = redis.server.onReplaced(() => wake.abort())
  const run = async () => {
    for (let failures = 0; !ending.signal.aborted; ) {
      const isUrgent = wake.signal.aborted
      if (isUrgent) wake = new AbortController()
      try {
        await compareReplica(sources, { isUrgent: isUrgent || failures > 0 })
        failures = 0
      } catch (error) {
        if (failures === 0) log.warn('The copy of the profiles could not be compared', { error })
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

/** Copies what has changed since the last comparison; unless it is urgent, only when that is long ago. */
async function compareReplica(sources: CompareSources, { isUrgent = false } = {}): Promise<void> {
  const { prisma } = sources
  const state = await prisma.replicaState.findUnique({ where: { name: replicaName } })
  const comparedAt = state?.comparedAt ?? state?.builtAt
  // Whoever was never copied has nothing to compare.
  if (!comparedAt) return
  const startedAt = new Date()
  if (!isUrgent && startedAt.getTime() - comparedAt.getTime() < everyMs) return
  const changedSince = new Date(comparedAt.getTime() - overlapMs).toISOString()
  await copyChangedProfiles(sources, changedSince)
  await copyChangedBlocks(sources, changedSince)
  await prisma.replicaState.update({ where: { name: replicaName }, data: { comparedAt: startedAt } })
}

async function copyChangedProfiles(sources: CompareSources, changedSince: string): Promise<void> {
  const { pool, users, jobs } = sources
  for await (const items of pages((after) =>
    users.call(usersApi.snapshotUsers, { query: { changedSince, ...after } }),
  )) {
    await copyPage(pool, items)
    jobs.wake()
  }
}

async function copyChangedBlocks(
  { pool, users, redis }: { pool: CompareSources['pool']; users: InternalClient; redis: RedisLink },
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
