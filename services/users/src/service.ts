import { fileURLToPath } from 'node:url'
import { streamName, streamNames, streamPartitions } from '@finnigram/contracts'
import { createPictures } from '@finnigram/images'
import {
  AppError,
  createHealth,
  createImageQueue,
  createInternalClient,
  createLogger,
  createMetrics,
  createParked,
  createRateLimiter,
  createRelay,
  createSessionGuard,
  createTokenVerifier,
  type HttpServer,
  migrate,
  openPool,
  openRedis,
  parkedOutbox,
  postgresDependency,
  redisDependency,
  requireFitRedis,
  type SessionGuard,
  startHttp,
} from '@finnigram/service-kit'
import { PrismaPg } from '@prisma/adapter-pg'
import { listEndedSessions } from './auth/ended-sessions.ts'
import { createPasswordHasher } from './auth/password-hasher.ts'
import { resealTotpSecrets } from './auth/totp.ts'
import type { UsersConfig } from './config.ts'
import type { UsersContext } from './context.ts'
import { loadVapidKeys } from './devices/vapid-keys.ts'
import { createExportSlots } from './export/export-slots.ts'
import { PrismaClient } from './generated/client.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { createSealer } from './keys/sealer.ts'
import { createMailer } from './mail/mailer.ts'
import { parkedMails } from './mail/parked-mails.ts'
import { startMaintenance } from './maintenance.ts'
import { createContacts } from './people/contacts.ts'
import { consumeUserSeen, createLastSeenTracker } from './people/last-seen.ts'
import { routes } from './routes.ts'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export interface UsersService extends AsyncDisposable {
  readonly url: string
  readonly ctx: UsersContext
}

export interface UsersOverrides {
  /** Aborts a start that waits for its database. */
  signal?: AbortSignal
}

/**
 * Starts the users service. It listens at once and answers 503 until its database is available,
 * migrated, and holds a signing key. Redis may come later.
 */
export async function startUsers(
  config: UsersConfig,
  { signal }: UsersOverrides = {},
): Promise<UsersService> {
  await using resources = new AsyncDisposableStack()
  const ctx = await openContext(config, resources)
  const http: HttpServer = resources.use(await startHttp({ ctx, config, routes: routes(ctx) }))
  await migrate({ ...ctx, url: config.DATABASE_URL, dir: migrations, signal })
  await requireFitRedis(ctx.redis)
  await ctx.keys.renew()
  await loadVapidKeys(ctx)
  if (config.SECRETS_KEY.includes(',')) await resealTotpSecrets(ctx)
  resources.use(startMaintenance(ctx))
  const lastSeenConsumer = resources.use(consumeUserSeen({ ...ctx, nodeId: config.NODE_ID }))
  ctx.parked.add(lastSeenConsumer.parked)
  ctx.health.started()
  const running = resources.move()
  return { url: http.url, ctx, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Opens what the service holds. `resources` closes it in reverse order. */
async function openContext(config: UsersConfig, resources: AsyncDisposableStack): Promise<UsersContext> {
  const log = createLogger({ service: 'users', nodeId: config.NODE_ID, level: config.LOG_LEVEL })
  const metrics = createMetrics('users')
  const pool = resources.use(
    openPool({ url: config.DATABASE_URL, name: 'users', log, max: config.DATABASE_POOL_SIZE }),
  )
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  resources.defer(() => prisma.$disconnect())
  const redis = resources.use(openRedis({ url: config.REDIS_URL, name: 'users', log, metrics }))
  const health = createHealth([postgresDependency(pool), redisDependency(redis)])
  const sealer = createSealer(config.SECRETS_KEY)
  const keys = resources.use(createKeyRing({ pool, sealer, log }))
  const lastSeen = resources.use(createLastSeenTracker({ pool, log }))
  const verifier = resources.use(openVerifier(config, { keys, log }))
  const relay = resources.use(openRelay({ pool, redis, log, metrics, health }))
  const parked = resources.use(createParked(metrics))
  parked.add(parkedOutbox(pool), parkedMails(pool))
  const limits = createRateLimiter({
    service: 'users',
    secret: config.INTERNAL_TOKEN,
    redis,
    scale: config.RATE_LIMIT_SCALE,
    log,
    metrics,
  })
  const mailer = resources.use(
    createMailer({ pool, sealer, log, config, metrics, limits, isReady: () => health.isServing }),
  )
  const hasher = await createPasswordHasher()
  const waiting = 'Passwords that wait for a core to be hashed'
  metrics.gauge('password_hashes_waiting', waiting, { collect: () => hasher.waiting })
  const guard = resources.use(openSessionGuard({ pool, redis, health, log }))
  const tokens = lastSeen.trackVerified(guard.guarding(verifier))
  const messages = resources.use(
    createInternalClient({ baseUrl: config.MESSAGES_URL, token: config.INTERNAL_TOKEN }),
  )
  const contacts = createContacts({ messages, log })
  const pictures = resources.use(createPictures(createImageQueue(metrics)))
  const exportSlots = createExportSlots({ metrics })
  const base = { config, log, metrics, pool, prisma, redis, health, limits, parked, relay, messages }
  return { ...base, sealer, keys, tokens, hasher, lastSeen, mailer, contacts, pictures, exportSlots }
}

type RelayDeps = Pick<UsersContext, 'pool' | 'redis' | 'log' | 'metrics' | 'health'>

const openRelay = ({ health, ...shared }: RelayDeps) =>
  createRelay({
    ...shared,
    partitions: streamPartitions.users,
    stream: (partition) => streamName('users', partition),
    isReady: () => health.isServing,
  })

/** Verifies tokens as every other service does, with the keys of this process. */
const openVerifier = (config: UsersConfig, { keys, log }: Pick<UsersContext, 'keys' | 'log'>) =>
  createTokenVerifier({
    jwks: async () => keys.published(),
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    log,
    refreshEveryMs: 2_000,
  })

/** Refuses tokens of ended sessions, which it learns from the events and the database. */
const openSessionGuard = ({
  pool,
  redis,
  health,
  log,
}: Pick<UsersContext, 'pool' | 'redis' | 'health' | 'log'>): SessionGuard =>
  createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    async listEnded() {
      // The table exists only after the migrations.
      if (!health.hasStarted) throw new AppError('unavailable')
      return listEndedSessions(pool)
    },
  })
