import { streamNames, userEventData } from '@finnigram/contracts'
import {
  type Consumer,
  createConsumer,
  fullJitter,
  type Health,
  type Metrics,
  type ParkedStore,
  pause,
  type RedisLink,
  withTransaction,
} from '@finnigram/service-kit'
import { publishMarkers } from '../markers/publish-markers.ts'
import { buildReplica, isReplicaBuilt, type ReplicaSources } from './build-profile-copy.ts'
import { type BlockChange, copyBlocks } from './copy-blocks.ts'
import { copyDeletion, copyProfiles } from './copy-profiles.ts'
import { queueEndings } from './end-account.ts'
import { startComparing } from './reconcile-profile-copy.ts'

export interface UsersConsumer extends AsyncDisposable {
  /** Resolves once the copy of the profiles is complete and followed. */
  readonly ready: Promise<void>
  /** Events of users that could not be followed. */
  readonly parked: ParkedStore
}

interface ConsumeOptions extends ReplicaSources {
  redis: RedisLink
  metrics: Metrics
  nodeId: string
  health: Health
}

/** Keeps the copy of the profiles and the blocks: from the users service's events, and anew from its snapshot whenever events were missed. All nodes share the work. */
export function consumeUsers(options: ConsumeOptions): UsersConsumer {
  const { pool, redis, log, metrics, nodeId, jobs, health } = options
  const ending = new AbortController()
  const takeBlocks = async (changes: readonly BlockChange[]) =>
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
          await queueEndings(tx, [deletion.id])
        })
        jobs.wake()
      },
      'block.changed': (change) => takeBlocks([change]),
    },
    batches: {
      'user.created': (profiles) => copyProfiles(pool, profiles),
      'user.updated': (profiles) => copyProfiles(pool, profiles),
      'block.changed': takeBlocks,
    },
    onReset: () => buildReplica(options),
  })
  const comparing = startComparing(options)
  const ready = completeOnce(options, { consumer, signal: ending.signal })
  return {
    ready,
    parked: consumer.parked,
    async [Symbol.asyncDispose]() {
      ending.abort()
      await comparing[Symbol.asyncDispose]()
      await consumer[Symbol.asyncDispose]()
    },
  }
}

/** A database that is younger than the consumer group has events to follow and nothing to begin with. */
async function completeOnce(
  sources: ReplicaSources,
  { consumer, signal }: { consumer: Consumer; signal: AbortSignal },
): Promise<void> {
  await consumer.ready
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      if (!(await isReplicaBuilt(sources))) await buildReplica(sources)
      return
    } catch (error) {
      if (attempt === 0) sources.log.warn('The profiles could not be copied yet', { error })
      await pause(100 + fullJitter(attempt, { maxMs: 3000 }), signal)
    }
  }
}
