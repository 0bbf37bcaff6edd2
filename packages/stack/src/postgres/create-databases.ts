import pg from 'pg'
import type { Secrets } from '../data-directory/prepare-data-directory.ts'

/** Gives each service a database of its own and a role that can enter no other. */
export async function createDatabases(port: number, secrets: Secrets): Promise<void> {
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
