import { join } from 'node:path'
import {
  prepareDataDirectory,
  readSecrets,
  type SupervisedProcess,
  startPostgres,
  startRedis,
} from '@finnigram/stack'
import type { DatabaseName } from './cluster.ts'
import { pairRedis, type RedisPair } from './redis-pair.ts'

interface DatabaseOptions {
  home: string
  onCrash: (name: DatabaseName, how: string) => void
}

export interface ClusterDatabases extends AsyncDisposable {
  /** Straight to each; of Redis, to the one that clients are to use. */
  urls: Record<DatabaseName, string>
  processes: Record<DatabaseName, SupervisedProcess>
  redis: RedisPair
}

/**
 * Starts a PostgreSQL for each service that has one, each a cluster of its own, and a Redis, all
 * with the product's settings.
 */
export async function startDatabases({ home, onCrash }: DatabaseOptions): Promise<ClusterDatabases> {
  await using started = new AsyncDisposableStack()
  const postgres = async (name: DatabaseName) => {
    const place = await prepare(home, name)
    const server = await startPostgres({ ...place, onCrash: ({ how }) => onCrash(name, how) })
    started.use(server.process)
    return server
  }
  const redis = async () => {
    const place = await prepare(home, 'redis')
    const standby = { ...(await prepare(home, 'redis-standby')), secrets: place.secrets }
    const options = {
      environment: { PATH: process.env['PATH'] },
      onCrash: ({ how }: { how: string }) => onCrash('redis', how),
    }
    const pair = started.use(
      pairRedis(
        await Promise.all([startRedis({ ...place, ...options }), startRedis({ ...standby, ...options })]),
      ),
    )
    return pair
  }
  const starts = [postgres('users-postgres'), postgres('messages-postgres'), redis()] as const
  await Promise.allSettled(starts)
  const [users, messages, pair] = await Promise.all(starts)
  const running = started.move()
  return {
    urls: {
      'users-postgres': users.usersUrl,
      'messages-postgres': messages.messagesUrl,
      get redis() {
        return pair.url
      },
    },
    processes: {
      'users-postgres': users.process,
      'messages-postgres': messages.process,
      get redis() {
        return pair.process
      },
    },
    redis: pair,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function prepare(home: string, name: DatabaseName | 'redis-standby') {
  const own = join(home, name)
  await prepareDataDirectory(own)
  return { dataDirectory: own, secrets: await readSecrets(own) }
}
