import { streamNames, userEventData } from '@finnigram/contracts'
import {
  type Consumer,
  createConsumer,
  fullJitter,
  type Health,
  type ParkedStore,
  pause,
  withTransaction,
} from '@finnigram/service-kit'
import type { WithMetrics, WithRedis } from '../deps.ts'
import { publishMarkers } from '../markers/publish-markers.ts'
import { buildProfileCopy, isProfileCopyBuilt, type ProfileCopyDeps } from './build-profile-copy.ts'
import { type BlockChange, copyBlocks } from './copy-blocks.ts'
import { copyDeletion, copyProfiles } from './copy-profiles.ts'
import { enqueueAccountEndings } from './end-account.ts'
import { startReconciling } from './reconcile-profile-copy.ts'

/**
 * The profile copy: profiles and blocks of the users service, kept in this database
 * (`users_replica`, `blocks`). No request of this service ever has to ask the users service.
 *
 * Promise: the copy holds the highest version of every profile and block that it ever received. It
 * lags behind by the time an event takes. Lost events are found within minutes.
 *
 * Procedure:
 * 1. Consume the events of users as one consumer group of all nodes. Every handler upserts by
 *    version, so events may come twice and in any order.
 * 2. Build the whole copy from snapshots, once per database and whenever the group missed events
 *    (`build-profile-copy.ts`).
 * 3. Every few minutes, and when another Redis takes over, copy what changed since the last time
 *    (`reconcile-profile-copy.ts`).
 * 4. For an account that ended, replace the profile and enqueue the job of `end-account.ts` in the
 *    same transaction.
 * 5. For a block, also end invitations and freeze read receipts (`copy-blocks.ts`).
 *
 * It never changes anything in the users service. It holds only what other users may see, the
 * settings that are applied here (`addToGroups`, `readReceipts`), and whether somebody has devices
 * to notify.
 */
export interface UserEventsConsumer extends AsyncDisposable {
  /** Resolves once the profile copy is complete and up to date. */
  readonly ready: Promise<void>
  /** Events that kept failing. */
  readonly parked: ParkedStore
}

type ConsumeOptions = ProfileCopyDeps & WithRedis & WithMetrics & { nodeId: string; health: Health }

export function consumeUserEvents(options: ConsumeOptions): UserEventsConsumer {
  const { pool, redis, log, metrics, nodeId, jobs, health } = options
  const ending = new AbortController()
  const applyBlocks = async (changes: readonly BlockChange[]) =>
    publishMarkers(redis, await copyBlocks(pool, changes))
  const consumer = createConsumer({
    redis,
    log,
    metrics,
    streams: streamNames('users'),
    group: 'messages-replica',
    consumer: nodeId,
    health,
    events: userEventData,
    handlers: {
      'user.created': (profile) => copyProfiles(pool, [profile]),
      'user.updated': (profile) => copyProfiles(pool, [profile]),
      'user.deleted': async (deletion) => {
        await withTransaction(pool, async (tx) => {
          await copyDeletion(tx, deletion)
          await enqueueAccountEndings(tx, [deletion.id])
        })
        jobs.wake()
      },
      'block.changed': (change) => applyBlocks([change]),
    },
    batches: {
      'user.created': (profiles) => copyProfiles(pool, profiles),
      'user.updated': (profiles) => copyProfiles(pool, profiles),
      'block.changed': applyBlocks,
    },
    onReset: () => buildProfileCopy(options),
  })
  const reconciling = startReconciling(options)
  const ready = buildOnce(options, { consumer, signal: ending.signal })
  return {
    ready,
    parked: consumer.parked,
    async [Symbol.asyncDispose]() {
      ending.abort()
      await reconciling[Symbol.asyncDispose]()
      await consumer[Symbol.asyncDispose]()
    },
  }
}

/** A new database has no copy yet, although the consumer group already has a position. */
async function buildOnce(
  deps: ProfileCopyDeps,
  { consumer, signal }: { consumer: Consumer; signal: AbortSignal },
): Promise<void> {
  await consumer.ready
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      if (!(await isProfileCopyBuilt(deps))) await buildProfileCopy(deps)
      return
    } catch (error) {
      if (attempt === 0) deps.log.warn('The profiles could not be copied yet', { error })
      await pause(100 + fullJitter(attempt, { maxMs: 3000 }), signal)
    }
  }
}
