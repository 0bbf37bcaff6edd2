import { streamName, streamNames, streamPartitions, usersApi } from '@finnigram/contracts'
import type { Pictures } from '@finnigram/images'
import { createPictures } from '@finnigram/images'
import type {
  Bulkhead,
  Dependency,
  HttpContext,
  InternalClient,
  Logger,
  Parked,
  Places,
  RedisLink,
  Relay,
  SessionGuard,
  TokenVerifier,
} from '@finnigram/service-kit'
import {
  createBulkhead,
  createHealth,
  createInternalClient,
  createLogger,
  createMetrics,
  createParked,
  createPlaces,
  createRateLimiter,
  createRelay,
  createSessionGuard,
  createTokenVerifier,
  openPool,
  openRedis,
  parkedOutbox,
  postgresDependency,
  redisDependency,
} from '@finnigram/service-kit'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { parkedUploads } from './attachments/finish/parked-uploads.ts'
import type { FileStore } from './attachments/store/file-store.ts'
import { openFileStore } from './attachments/store/open-file-store.ts'
import type { DiskSpace } from './attachments/uploads/disk-space.ts'
import { createDiskSpace } from './attachments/uploads/disk-space.ts'
import type { MessagesConfig } from './config.ts'
import { PrismaClient } from './generated/client.ts'
import { parkedJobs } from './jobs/job-queue.ts'
import type { MarkerBatcher } from './markers/marker-batcher.ts'
import { createMarkerBatcher } from './markers/marker-batcher.ts'
import { tellMoved } from './markers/publish-markers.ts'
import type { Newcomers } from './people/newcomers.ts'
import { createNewcomers } from './people/newcomers.ts'
import { parkedRanges } from './search/park-range.ts'
import type { Stemmer } from './search/stemmer.ts'
import { createStemmer } from './search/stemmer.ts'
import type { SendBatcher } from './sends/send-batcher.ts'
import { createSendBatcher } from './sends/send-batcher.ts'

/** What every use case of this service may reach. */
export interface MessagesContext extends HttpContext {
  readonly config: MessagesConfig
  readonly pool: pg.Pool
  /** The same pool, for reads that are not asked often. */
  readonly prisma: PrismaClient
  /** Where the bytes of attachments lie. */
  readonly files: FileStore
  readonly pictures: Pictures
  /** Who fetches files. */
  readonly downloads: Places
  /** The disk of FILES_DIR. */
  readonly disk: DiskSpace
  readonly redis: RedisLink
  /** The users service. */
  readonly users: InternalClient
  readonly relay: Relay
  /** What kept failing and was set aside. */
  readonly parked: Parked
  readonly tokens: TokenVerifier
  readonly sends: SendBatcher
  /** Where syncs wait for one another, so that thousands who come back at once leave the database to everyone else, too. */
  readonly syncs: Bulkhead
  readonly markers: MarkerBatcher
  readonly newcomers: Newcomers
  readonly stemmer: Stemmer
}

/** Opens what the service holds; `parts` closes it again, the last opened first: work ends, then what it was done with. */
export function openContext(config: MessagesConfig, parts: AsyncDisposableStack): MessagesContext {
  const log = createLogger({ service: 'messages', nodeId: config.NODE_ID, level: config.LOG_LEVEL })
  const metrics = createMetrics('messages')
  const pool = parts.use(
    openPool({ url: config.DATABASE_URL, name: 'messages', log, max: config.DATABASE_POOL_SIZE }),
  )
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  parts.defer(() => prisma.$disconnect())
  const files = parts.use(openFileStore(config))
  const redis = parts.use(openRedis({ url: config.REDIS_URL, name: 'messages', log, metrics }))
  const disk = createDiskSpace({ folder: config.FILES_DIR, reserve: config.DISK_RESERVE_BYTES, metrics })
  const room: Dependency = { name: 'disk', required: false, check: disk.isSpared }
  const health = createHealth([postgresDependency(pool), redisDependency(redis), room])
  const { INTERNAL_TOKEN: secret, RATE_LIMIT_SCALE: scale } = config
  const limits = createRateLimiter({ service: 'messages', secret, redis, scale, log, metrics })
  const users = parts.use(createInternalClient({ baseUrl: config.USERS_URL, token: config.INTERNAL_TOKEN }))
  const verifier = parts.use(openVerifier(config, log))
  const tokens = parts.use(openGuard({ redis, log, users })).guarding(verifier)
  const relay = parts.use(openRelay({ pool, redis, log, metrics, health }))
  const sends = parts.use(
    createSendBatcher({ pool, metrics, onStored: (partitions) => relay.wake(partitions) }),
  )
  const markers = parts.use(createMarkerBatcher({ pool, onMoved: (what) => tellMoved(redis, what) }))
  const parked = parts.use(createParked(metrics))
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
    pictures: parts.use(createPictures({ metrics })),
    downloads: createPlaces({ ...downloadPlaces, measured: { name: 'downloads', metrics } }),
    disk,
    redis,
    users,
    health,
    limits,
    parked,
    newcomers: createNewcomers({ pool, metrics }),
  }
  return { ...shared, tokens, relay, sends, syncs, markers, stemmer: createStemmer() }
}

/** Fewer than the connections that a bucket is asked over; a page full of films asks for a few at once. */
const downloadPlaces = { atOnce: 400, mostOfOne: 24 }

/** Who waits for longer is told to come back; a request ends after ten seconds anyway. */
const syncQueue = { mostWaiting: 1000, patienceMs: 3000 }

type RelayParts = Pick<MessagesContext, 'pool' | 'redis' | 'log' | 'metrics' | 'health'>

const openRelay = ({ health, ...shared }: RelayParts) =>
  createRelay({
    ...shared,
    partitions: streamPartitions.messages,
    stream: (partition) => streamName('messages', partition),
    isReady: () => health.isServing,
  })

/** Tokens are verified with the keys that the users service publishes. */
const openVerifier = (config: MessagesConfig, log: Logger) =>
  createTokenVerifier({
    jwks: new URL('/.well-known/jwks.json', config.USERS_URL).href,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    log,
  })

const patienceMs = 2000

/** Learns which sessions ended, from the users service's events and by asking it. */
function openGuard({ redis, log, users }: Pick<MessagesContext, 'redis' | 'log' | 'users'>): SessionGuard {
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
  })
}
