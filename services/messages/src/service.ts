import { fileURLToPath } from 'node:url'
import { type HttpServer, migrate, requireFitRedis, startHttp } from '@finnigram/service-kit'
import { startSweeper } from './attachments/removal/sweep-files.ts'
import { startCompaction } from './compact/start-compaction.ts'
import type { MessagesConfig } from './config.ts'
import type { MessagesContext } from './context.ts'
import { type JobHandler, startJobs } from './jobs/start-jobs.ts'
import { openContext } from './open-context.ts'
import { consumeUsers } from './people/consume-users.ts'
import { endAccount, endAccountJob } from './people/end-accounts.ts'
import { routes } from './routes.ts'
import { startIndexer } from './search/indexer.ts'
import { queueUnfolded, unfoldedJob } from './search/search-queue.ts'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

export interface MessagesService extends AsyncDisposable {
  readonly url: string
  readonly ctx: MessagesContext
}

export interface MessagesOverrides {
  /** Ends the start, when it still waits for its database. */
  signal?: AbortSignal
}

/**
 * Starts the messages service: listens at once, and answers 503 until its database is there and migrated. Redis and the
 * users service may come later: facts wait in the outbox, and the copy of the profiles is made in the background.
 */
export async function startMessages(
  config: MessagesConfig,
  { signal }: MessagesOverrides = {},
): Promise<MessagesService> {
  await using parts = new AsyncDisposableStack()
  const ctx = openContext(config, parts)
  const http: HttpServer = parts.use(await startHttp({ ctx, config, routes: routes(ctx) }))
  await migrate({ ...ctx, url: config.DATABASE_URL, dir: migrations, signal })
  await requireFitRedis(ctx.redis)
  const jobs = parts.use(startJobs({ ...ctx, handlers: jobHandlers(ctx) }))
  const replica = parts.use(consumeUsers({ ...ctx, jobs, nodeId: config.NODE_ID }))
  ctx.parked.add(replica.parked)
  parts.use(startSweeper(ctx))
  parts.use(startIndexer(ctx))
  parts.use(startCompaction(ctx))
  ctx.health.started()
  const kept = parts.move()
  return { url: http.url, ctx, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Work that is done in pieces, by the kind it is queued under. */
const jobHandlers = (ctx: MessagesContext): Record<string, JobHandler> => ({
  [endAccountJob]: (userId, place) => endAccount(ctx, userId, place),
  [unfoldedJob]: (_, place) => queueUnfolded(ctx, place),
})
