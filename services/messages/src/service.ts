import { fileURLToPath } from 'node:url'
import { type HttpServer, migrate, requireFitRedis, startHttp } from '@finnigram/service-kit'
import { startSweeper } from './attachments/removal/sweep-files.ts'
import type { MessagesConfig } from './config.ts'
import type { MessagesContext } from './context.ts'
import { openContext } from './context.ts'
import { startCompaction } from './jobs/compaction.ts'
import { type JobHandler, startJobs } from './jobs/start-jobs.ts'
import { consumeUserEvents } from './people/consume-user-events.ts'
import { endAccount, endAccountJob } from './people/end-account.ts'
import { routes } from './routes.ts'
import { startIndexer } from './search/indexer.ts'
import { queueUnfolded, unfoldedJob } from './search/search-queue.ts'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export interface MessagesService extends AsyncDisposable {
  readonly url: string
  readonly ctx: MessagesContext
}

export interface MessagesOverrides {
  /** Aborts a start that still waits for the database. */
  signal?: AbortSignal
}

/**
 * Starts the messages service. It listens at once, and answers 503 until its database is reachable
 * and migrated. Redis and the users service may come later: events wait in the outbox, and the
 * profile copy is built in the background.
 */
export async function startMessages(
  config: MessagesConfig,
  { signal }: MessagesOverrides = {},
): Promise<MessagesService> {
  await using resources = new AsyncDisposableStack()
  const ctx = openContext(config, resources)
  const http: HttpServer = resources.use(await startHttp({ ctx, config, routes: routes(ctx) }))
  await migrate({ ...ctx, url: config.DATABASE_URL, dir: migrations, signal })
  await requireFitRedis(ctx.redis)
  const jobs = resources.use(startJobs({ ...ctx, handlers: jobHandlers(ctx) }))
  const userEvents = resources.use(consumeUserEvents({ ...ctx, jobs, nodeId: config.NODE_ID }))
  ctx.parked.add(userEvents.parked)
  resources.use(startSweeper(ctx))
  resources.use(startIndexer(ctx))
  resources.use(startCompaction(ctx))
  ctx.health.started()
  const owned = resources.move()
  return { url: http.url, ctx, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The handlers of jobs, by kind. */
const jobHandlers = (ctx: MessagesContext): Record<string, JobHandler> => ({
  [endAccountJob]: (userId, place) => endAccount(ctx, userId, place),
  [unfoldedJob]: (_, place) => queueUnfolded(ctx, place),
})
