import { streamName, streamNames, streamPartitions, usersApi } from '@finnigram/contracts'
import { createPictures } from '@finnigram/images'
import {
  type Bulkhead,
  createBulkhead,
  createHealth,
  createImageQueue,
  createInternalClient,
  createLogger,
  createMetrics,
  createParked,
  createRateLimiter,
  createRelay,
  createSessionGuard,
  createSlotPool,
  createTokenVerifier,
  type Dependency,
  type HttpContext,
  openPool,
  openRedis,
  type Parked,
  parkedOutbox,
  postgresDependency,
  type Relay,
  redisDependency,
  type SessionGuard,
  type SlotPool,
  type TokenVerifier,
} from '@finnigram/service-kit'
import { PrismaPg } from '@prisma/adapter-pg'
import { parkedUploads } from './attachments/finish/parked-uploads.ts'
import type { WithFiles } from './attachments/store/file-store.ts'
import { openFileStore } from './attachments/store/open-file-store.ts'
import { createDiskSpace, type DiskSpace } from './attachments/uploads/disk-space.ts'
import type { MessagesConfig } from './config.ts'
import type {
  WithLog,
  WithMetrics,
  WithPictures,
  WithPool,
  WithPrisma,
  WithRedis,
  WithUsers,
} from './deps.ts'
import { PrismaClient } from './generated/client.ts'
import { parkedJobs } from './jobs/job-queue.ts'
import { createMarkerBatcher, type WithMarkerBatcher } from './markers/marker-batcher.ts'
import { publishMoved } from './markers/publish-markers.ts'
import { createProfileCopyWaiter, type WithProfileCopyWaiter } from './people/await-profile-copy.ts'
import { parkedRanges } from './search/park-range.ts'
import { createStemmer, type Stemmer } from './search/stemmer.ts'
import { createSendBatcher, type SendBatcher } from './sends/send-batcher.ts'

/**
 * Everything that the use cases of this service need. Only the root (`service.ts`), the routes and
 * tests know this type. Features declare the parts that they need (`deps.ts`).
 */
export interface MessagesContext
  extends HttpContext,
    WithPool,
    WithPrisma,
    WithRedis,
    WithUsers,
    WithPictures,
    WithFiles,
    WithMarkerBatcher,
    WithProfileCopyWaiter {
  readonly config: MessagesConfig
  readonly relay: Relay
  readonly tokens: TokenVerifier
  /** Events, jobs, uploads and search ranges that kept failing, for operators. */
  readonly parked: Parked
  readonly sends: SendBatcher
  readonly downloads: SlotPool
  /** Free space of the file system of FILES_DIR. */
  readonly disk: DiskSpace
  /** The queue of syncs, so that reconnecting devices leave the database to everyone else. */
  readonly syncs: Bulkhead
  readonly stemmer: Stemmer
}

/**
 * Opens everything that the service holds. `resources` closes it in reverse order: first the work,
 * then what the work used.
 */
export function openContext(config: MessagesConfig, resources: AsyncDisposableStack): MessagesContext {
  const log = createLogger({ service: 'messages', nodeId: config.NODE_ID, level: config.LOG_LEVEL })
  const metrics = createMetrics('messages')
  const pool = resources.use(
    openPool({ url: config.DATABASE_URL, name: 'messages', log, max: config.DATABASE_POOL_SIZE }),
  )
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  resources.defer(() => prisma.$disconnect())
  const files = resources.use(openFileStore(config))
  const redis = resources.use(openRedis({ url: config.REDIS_URL, name: 'messages', log, metrics }))
  const disk = createDiskSpace({ folder: config.FILES_DIR, reserve: config.DISK_RESERVE_BYTES, metrics })
  const diskSpace: Dependency = { name: 'disk', required: false, check: disk.isSpared }
  const health = createHealth([postgresDependency(pool), redisDependency(redis), diskSpace])
  const { INTERNAL_TOKEN: secret, RATE_LIMIT_SCALE: scale } = config
  const limits = createRateLimiter({ service: 'messages', secret, redis, scale, log, metrics })
  const users = resources.use(
    createInternalClient({ baseUrl: config.USERS_URL, token: config.INTERNAL_TOKEN }),
  )
  const verifier = resources.use(openVerifier(config, { log }))
  const tokens = resources.use(openGuard({ redis, log, users })).guarding(verifier)
  const relay = resources.use(openRelay({ pool, redis, log, metrics, health }))
  const sends = resources.use(
    createSendBatcher({ pool, metrics, onStored: (partitions) => relay.wake(partitions) }),
  )
  const markers = resources.use(createMarkerBatcher({ pool, onMoved: (what) => publishMoved(redis, what) }))
  const parked = resources.use(createParked(metrics))
  parked.add(parkedOutbox(pool), parkedRanges(pool), parkedUploads(pool), parkedJobs(pool))
  const atOnce = Math.ceil(config.DATABASE_POOL_SIZE / 3)
  const syncs = createBulkhead({ atOnce, ...syncQueue, measured: { name: 'syncs', metrics } })
  const shared = {
    config,
    log,
    metrics,
    pool,
    prisma,
    files,
    pictures: resources.use(createPictures(createImageQueue(metrics))),
    downloads: createSlotPool({ ...downloadPlaces, measured: { name: 'downloads', metrics } }),
    disk,
    redis,
    users,
    health,
    limits,
    parked,
    newcomers: createProfileCopyWaiter({ pool, metrics }),
  }
  return { ...shared, tokens, relay, sends, syncs, markers, stemmer: createStemmer() }
}

/** Fewer than the connections to the bucket. A page with many films loads a few at once. */
const downloadPlaces = { atOnce: 400, mostOfOne: 24 }

/** After the patience a sync gets `unavailable`; a request ends after ten seconds anyway. */
const syncQueue = { mostWaiting: 1000, patienceMs: 3000 }

type RelayDeps = WithPool & WithRedis & WithLog & WithMetrics & Pick<HttpContext, 'health'>

const openRelay = ({ health, ...shared }: RelayDeps) =>
  createRelay({
    ...shared,
    partitions: streamPartitions.messages,
    stream: (partition) => streamName('messages', partition),
    isReady: () => health.isServing,
  })

/** Verifies access tokens with the public keys of the users service. */
const openVerifier = (config: MessagesConfig, { log }: WithLog) =>
  createTokenVerifier({
    jwks: new URL('/.well-known/jwks.json', config.USERS_URL).href,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    log,
  })

const patienceMs = 2000

/**
 * Refuses tokens of ended sessions, which it learns from events and by asking the users service.
 */
function openGuard({ redis, log, users }: WithRedis & WithLog & WithUsers): SessionGuard {
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
  })
}
