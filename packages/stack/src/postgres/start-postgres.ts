import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../data-directory/free-port.ts'
import type { Secrets } from '../data-directory/prepare-data-directory.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { type ProcessSpec, SupervisedProcess } from '../process/supervised-process.ts'
import { StartFailure } from '../start-failure.ts'
import { clearStaleCluster } from './clear-stale-cluster.ts'
import { createCluster } from './create-cluster.ts'
import { createDatabases, serverAddress } from './create-databases.ts'
import { placePostgres } from './place-postgres.ts'
import { findPostgres } from './postgres-binaries.ts'
import { postgresSettings } from './postgres-settings.ts'
import { postgresUser } from './postgres-user.ts'

export interface StartedPostgres {
  process: SupervisedProcess
  usersUrl: string
  messagesUrl: string
}

interface PostgresOptions {
  home: string
  secrets: Secrets
  /** Told what whoever started this should read. */
  say?: (line: string) => void
  signal?: AbortSignal | undefined
  onCrash?: ProcessSpec['onCrash'] | undefined
}

/** Starts PostgreSQL 18 on a free loopback port with its data in `home`, and the databases `users` and `messages` in it. */
export async function startPostgres({
  home,
  secrets,
  say = () => undefined,
  signal,
  onCrash,
}: PostgresOptions): Promise<StartedPostgres> {
  const [installed, user, port] = await Promise.all([findPostgres(), postgresUser(), freePort()])
  const password = secrets.postgresPassword
  const place = await placePostgres({ home, installed, user, password, say })
  await createCluster({ place, password, user, signal })
  await clearStaleCluster(place.data)
  const process = new SupervisedProcess({
    name: 'postgres',
    home,
    command: join(place.binaries, 'bin', 'postgres'),
    args: ['-D', place.data, ...postgresSettings(port)],
    environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    cwd: place.data,
    user,
    // SIGINT is PostgreSQL's "fast shutdown".
    stopSignal: 'SIGINT',
    patienceMs: 15_000,
    isHealthy: () => accepts(port, secrets),
    log: await RotatingLog.open(join(home, 'logs', 'postgres.log')),
    onCrash,
  })
  try {
    process.start()
    await process.healthy(30_000)
    await createDatabases(port, secrets)
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
  const url = (name: string, password: string) => `postgresql://${name}:${password}@127.0.0.1:${port}/${name}`
  return {
    process,
    usersUrl: url('users', secrets.usersPassword),
    messagesUrl: url('messages', secrets.messagesPassword),
  }
}

/** Whether the server lets its administrator in. A wrong password will not become right by waiting. */
async function accepts(port: number, secrets: Secrets) {
  const client = new pg.Client(serverAddress(port, secrets))
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new StartFailure(
        'The passwords in secrets.json are not those of the databases beside it: restore the file from a backup.',
      )
    }
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
