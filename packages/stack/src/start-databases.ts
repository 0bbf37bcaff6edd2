import type { StackConfig } from './config.ts'
import type { Secrets } from './data-directory/prepare-data-directory.ts'
import { startPostgres } from './postgres/start-postgres.ts'
import type { ProcessSpec, SupervisedProcess } from './process/supervised-process.ts'
import type { Progress } from './progress.ts'
import { startRedis } from './redis/start-redis.ts'

/** What every step of a start needs. */
export interface StartContext {
  config: StackConfig
  secrets: Secrets
  progress: Progress
  signal: AbortSignal
  onCrash: ProcessSpec['onCrash'] | undefined
}

export interface Databases extends AsyncDisposable {
  links: { usersDatabase: string; messagesDatabase: string; redis: string }
  /** Those that run here. */
  processes: SupervisedProcess[]
}

/** Starts PostgreSQL and Redis side by side, unless the settings name others. Stops Redis first. */
export async function startDatabases(context: StartContext): Promise<Databases> {
  const results = await Promise.allSettled([redis(context), postgres(context)])
  const [fromRedis, fromPostgres] = results
  const processes = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value.process ? [result.value.process] : [],
  )
  const stop = async () => {
    if (fromRedis.status === 'fulfilled') fromRedis.value.maintenance?.[Symbol.dispose]()
    for (const process of processes) await process[Symbol.asyncDispose]()
  }
  if (fromRedis.status === 'rejected' || fromPostgres.status === 'rejected') {
    await stop()
    throw results.find((result) => result.status === 'rejected')?.reason
  }
  const { usersUrl, messagesUrl } = fromPostgres.value
  return {
    links: { usersDatabase: usersUrl, messagesDatabase: messagesUrl, redis: fromRedis.value.url },
    processes,
    [Symbol.asyncDispose]: stop,
  }
}

async function redis({ config, secrets, progress, signal, onCrash }: StartContext) {
  if (config.redisUrl) return { url: config.redisUrl, process: undefined, maintenance: undefined }
  const { environment } = config
  return progress.step('Redis', (onLine) =>
    startRedis({ dataDirectory: config.dataDirectory, secrets, environment, signal, onLine, onCrash }),
  )
}

async function postgres({ config, secrets, progress, signal, onCrash }: StartContext) {
  const { usersDatabaseUrl: usersUrl, messagesDatabaseUrl: messagesUrl } = config
  if (usersUrl && messagesUrl) return { usersUrl, messagesUrl, process: undefined }
  const say = (line: string) => progress.say(line)
  const started = await progress.step('PostgreSQL', () =>
    startPostgres({ dataDirectory: config.dataDirectory, secrets, say, signal, onCrash }),
  )
  return {
    process: started.process,
    usersUrl: usersUrl ?? started.usersUrl,
    messagesUrl: messagesUrl ?? started.messagesUrl,
  }
}
