import { fileURLToPath } from 'node:url'
import { streamName, streamNames, streamPartitions } from '@finnigram/contracts'
import { createPictures } from '@finnigram/images'
import type { SessionGuard } from '@finnigram/service-kit'
import {
  AppError,
  createHealth,
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
  startHttp,
} from '@finnigram/service-kit'
import { PrismaPg } from '@prisma/adapter-pg'
import { listEndedSessions } from './auth/ended-sessions.ts'
import { createPasswordHasher } from './auth/password-hasher.ts'
import { resealTotpSecrets } from './auth/totp.ts'
import type { UsersConfig } from './config.ts'
import type { UsersContext } from './context.ts'
import { loadPushKeys } from './devices/vapid-keys.ts'
import { createExportPlaces } from './export/export-slots.ts'
import { PrismaClient } from './generated/client.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { createSealer } from './keys/sealer.ts'
import { createMailer } from './mail/mailer.ts'
import { parkedMails } from './mail/parked-mails.ts'
import { keepHouse } from './maintenance.ts'
import { createContacts } from './people/contacts.ts'
import { consumeDepartures, createSeenSessions } from './people/last-seen.ts'
import { routes } from './routes.ts'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export interface UsersService extends AsyncDisposable {
  readonly url: string
  readonly ctx: UsersContext
}

export interface UsersOverrides {
  /** Ends the start, when it still waits for its database. */
  signal?: AbortSignal
}

/** Starts the users service: listens at once, and answers 503 until its database is there, migrated, and holds a signing key. Redis may come later. */
export async function startUsers(
  config: UsersConfig,
  { signal }: UsersOverrides = {},
): Promise<UsersService> {
  await using parts = new AsyncDisposableStack()
  const ctx = await openContext(config, parts)
  const http: HttpServer = parts.use(await startHttp({ ctx, config, routes: routes(ctx) }))
  await migrate({ ...ctx, url: config.DATABASE_URL, dir: migrations, signal })
  await requireFitRedis(ctx.redis)
  await ctx.keys.renew()
  await loadPushKeys(ctx)
  if (config.SECRETS_KEY.includes(',')) await resealTotpSecrets(ctx)
  parts.use(keepHouse(ctx))
  const departures = parts.use(consumeDepartures({ ...ctx, nodeId: config.NODE_ID }))
  ctx.parked.add(departures.parked)
  ctx.health.started()
  const kept = parts.move()
  return { url: http.url, ctx, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Opens what the service holds; `parts` closes it again, the last opened first. */
async function openContext(config: UsersConfig, parts: AsyncDisposableStack): Promise<UsersContext> {
  const log = createLogger({ service: 'users', nodeId: config.NODE_ID, level: config.LOG_LEVEL })
  const metrics = createMetrics('users')
  const pool = parts.use(
    openPool({ url: config.DATABASE_URL, name: 'users', log, max: config.DATABASE_POOL_SIZE }),
  )
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  parts.defer(() => prisma.$disconnect())
  const redis = parts.use(openRedis({ url: config.REDIS_URL, name: 'users', log, metrics }))
  const health = createHealth([postgresDependency(pool), redisDependency(redis)])
  const sealer = createSealer(config.SECRETS_KEY)
  const keys = parts.use(createKeyRing({ pool, sealer, log }))
  const seen = parts.use(createSeenSessions({ pool, log }))
  const verifier = parts.use(openVerifier(config, { keys, log }))
  const relay = parts.use(openRelay({ pool, redis, log, metrics, health }))
  const parked = parts.use(createParked(metrics))
  parked.add(parkedOutbox(pool), parkedMails(pool))
  const limits = createRateLimiter({
    service: 'users',
    secret: config.INTERNAL_TOKEN,
    redis,
    scale: config.RATE_LIMIT_SCALE,
    log,
    metrics,
  })
  const mailer = parts.use(
    createMailer({ pool, sealer, log, config, metrics, limits, isReady: () => health.isServing }),
  )
  const hasher = await createPasswordHasher()
  const waiting = 'Passwords that wait for a core to be hashed'
  metrics.gauge('password_hashes_waiting', waiting, { collect: () => hasher.waiting })
  const guard = parts.use(openGuard({ pool, redis, health, log }))
  const tokens = seen.watching(guard.guarding(verifier))
  const messages = parts.use(
    createInternalClient({ baseUrl: config.MESSAGES_URL, token: config.INTERNAL_TOKEN }),
  )
  const contacts = createContacts({ messages, log })
  const pictures = parts.use(createPictures({ metrics }))
  const exports = createExportPlaces({ metrics })
  const shared = { config, log, metrics, pool, prisma, redis, health, messages, contacts, parked }
  return { ...shared, sealer, keys, seen, tokens, relay, mailer, hasher, pictures, exports, limits }
}

type RelayParts = Pick<UsersContext, 'pool' | 'redis' | 'log' | 'metrics' | 'health'>

const openRelay = ({ health, ...shared }: RelayParts) =>
  createRelay({
    ...shared,
    partitions: streamPartitions.users,
    stream: (partition) => streamName('users', partition),
    isReady: () => health.isServing,
  })

/** This service verifies tokens as every other does, with the keys it publishes itself. */
const openVerifier = (config: UsersConfig, { keys, log }: Pick<UsersContext, 'keys' | 'log'>) =>
  createTokenVerifier({
    jwks: async () => keys.published(),
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    log,
    refreshEveryMs: 2_000,
  })

/** Learns which sessions ended, from this service's own events and its database. */
const openGuard = ({
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
      // Before the migrations there is no table to ask.
      if (!health.hasStarted) throw new AppError('unavailable')
      return listEndedSessions(pool)
    },
  })
