import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { readSecrets } from '../src/data-directory/prepare-data-directory.ts'
import { serverAddress } from '../src/postgres/start-postgres.ts'

/** Ways to bring a running stack to park something, at its own databases. */
export interface FaultInjector extends AsyncDisposable {
  /** A person's id by their username. */
  idOf(username: string): Promise<string>
  /** From now on no person can be changed, or they can again. */
  refuseChanges(isRefused: boolean): Promise<void>
  /** Tells the users service that somebody's last device went. */
  publishUserSeen(data: object): Promise<void>
}

export async function openFaultInjector(directory: string): Promise<FaultInjector> {
  const secrets = await readSecrets(directory)
  const read = (...path: string[]) => readFile(join(directory, ...path), 'utf8')
  const redisPort = /^port (\d+)$/m.exec(await read('redis', 'redis.conf'))?.[1]
  const postgresPort = (await read('postgres', 'postmaster.pid')).split('\n')[3]
  const redis = new Redis(`redis://:${secrets.redisPassword}@127.0.0.1:${redisPort}`)
  const client = new pg.Client({ ...serverAddress(Number(postgresPort), secrets), database: 'users' })
  await client.connect()
  await client.query(`CREATE OR REPLACE FUNCTION refuse_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'nobody is changed now'; END $$`)
  return {
    async idOf(username) {
      const { rows } = await client.query<{ id: string }>('SELECT id FROM users WHERE username = $1', [
        username,
      ])
      return rows[0]?.id ?? ''
    },
    async refuseChanges(isRefused) {
      await client.query(
        isRefused
          ? 'CREATE TRIGGER refusing BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION refuse_changes()'
          : 'DROP TRIGGER refusing ON users',
      )
    },
    async publishUserSeen(data) {
      const fields = { type: 'user.seen', key: 'somebody', payload: JSON.stringify(data) }
      await redis.xadd('finnigram:events:realtime:{0}', '*', ...Object.entries(fields).flat())
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect()
      await client.end()
    },
  }
}
