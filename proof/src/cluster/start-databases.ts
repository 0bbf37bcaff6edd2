import { join } from 'node:path'
import { prepareHome, readSecrets, type SupervisedProcess, startPostgres, startRedis } from '@finnigram/stack'
import type { DatabaseName } from './cluster.ts'

interface DatabaseOptions {
  home: string
  onCrash: (name: DatabaseName, how: string) => void
}

export interface ClusterDatabases extends AsyncDisposable {
  /** Straight to each. */
  urls: Record<DatabaseName, string>
  processes: Record<DatabaseName, SupervisedProcess>
}

/** Starts a PostgreSQL for each service that has one, each a cluster of its own, and a Redis, all with the product's settings. */
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
    const environment = { PATH: process.env['PATH'] }
    const server = await startRedis({ ...place, environment, onCrash: ({ how }) => onCrash('redis', how) })
    started.use(server.process)
    return server
  }
  const starts = [postgres('users-postgres'), postgres('messages-postgres'), redis()] as const
  await Promise.allSettled(starts)
  const [users, messages, streams] = await Promise.all(starts)
  const running = started.move()
  return {
    urls: { 'users-postgres': users.usersUrl, 'messages-postgres': messages.messagesUrl, redis: streams.url },
    processes: {
      'users-postgres': users.process,
      'messages-postgres': messages.process,
      redis: streams.process,
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function prepare(home: string, name: DatabaseName) {
  const own = join(home, name)
  await prepareHome(own)
  return { home: own, secrets: await readSecrets(own) }
}
