import { totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../data-directory/free-port.ts'
import type { Secrets } from '../data-directory/prepare-data-directory.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { type ProcessSpec, SupervisedProcess } from '../process/supervised-process.ts'
import { StartFailure } from '../start-failure.ts'
import { clearStaleCluster, createCluster } from './create-cluster.ts'
import { findPostgres, placePostgres, postgresUser } from './place-postgres.ts'

export interface StartedPostgres {
  process: SupervisedProcess
  usersUrl: string
  messagesUrl: string
}

interface PostgresOptions {
  dataDirectory: string
  secrets: Secrets
  /** Called with lines for the person at the keyboard. */
  say?: (line: string) => void
  signal?: AbortSignal | undefined
  onCrash?: ProcessSpec['onCrash'] | undefined
}

/**
 * Starts the embedded PostgreSQL 18 on a free loopback port, with the databases `users` and
 * `messages`.
 *
 * Procedure: find the binaries that npm installed → choose a place that PostgreSQL's user can reach
 * (`place-postgres.ts`) → create the cluster at the first start (`create-cluster.ts`) → shut down
 * or clear what a killed run left → supervise the server → create databases and roles.
 *
 * Commits are flushed to the disk (`synchronous_commit`), and each service has a role that can
 * enter only its own database. The server listens on the loopback interface alone, and never logs
 * what people write. Migrations are the services' own concern.
 */
export async function startPostgres({
  dataDirectory,
  secrets,
  say = () => undefined,
  signal,
  onCrash,
}: PostgresOptions): Promise<StartedPostgres> {
  const [installed, user, port] = await Promise.all([findPostgres(), postgresUser(), freePort()])
  const password = secrets.postgresPassword
  const place = await placePostgres({ dataDirectory, installed, user, password, say })
  await createCluster({ place, password, user, signal })
  await clearStaleCluster(place.data)
  const process = new SupervisedProcess({
    name: 'postgres',
    dataDirectory,
    command: join(place.binaries, 'bin', 'postgres'),
    args: ['-D', place.data, ...postgresSettings(port)],
    environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    cwd: place.data,
    user,
    // SIGINT is PostgreSQL's "fast shutdown".
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
    isHealthy: () => accepts(port, secrets),
    log: await RotatingLog.open(join(dataDirectory, 'logs', 'postgres.log')),
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

/**
 * Whether the server accepts its administrator. A wrong password is a failure, not a reason to
 * wait.
 */
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

/** Gives each service its own database and a role that can enter no other. */
async function createDatabases(port: number, secrets: Secrets): Promise<void> {
  const client = new pg.Client(serverAddress(port, secrets))
  // The server going away later must not end this process.
  client.on('error', () => {})
  await client.connect()
  try {
    await createDatabase(client, 'users', secrets.usersPassword)
    await createDatabase(client, 'messages', secrets.messagesPassword)
  } finally {
    await client.end()
  }
}

/** Connection settings of the server's administrator. */
export function serverAddress(port: number, { postgresPassword }: Pick<Secrets, 'postgresPassword'>) {
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: postgresPassword,
    database: 'postgres',
    connectionTimeoutMillis: 3_000,
    query_timeout: 30_000,
  }
}

async function createDatabase(client: pg.Client, name: string, password: string) {
  const role = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
  await client.query(
    `${role.rowCount ? 'ALTER' : 'CREATE'} ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
  )
  const database = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
  if (database.rowCount) return
  await client.query(`CREATE DATABASE ${name} OWNER ${name}`)
  await client.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
}

const megabyte = 1024 * 1024

/**
 * Command-line settings: loopback only, durable commits, sized for a machine that runs everything.
 */
function postgresSettings(port: number): string[] {
  const sharedBuffers = Math.round(Math.min(Math.max(totalmem() / 16 / megabyte, 128), 1024))
  return Object.entries({
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${sharedBuffers * 4}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '128MB',
    synchronous_commit: 'on',
    wal_compression: 'on',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    jit: 'off',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_duration_statement: '1s',
    // Logs never contain what people write: no parameter values, no contents of refused rows.
    log_parameter_max_length: 0,
    log_error_verbosity: 'terse',
    lc_messages: 'C',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
