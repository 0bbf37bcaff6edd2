import pg from 'pg'
import { fullJitter } from '../lifecycle/full-jitter.ts'
import { pause } from '../lifecycle/wait.ts'
import type { Logger } from '../logger/logger.ts'

/** Waits with backoff until the database takes connections, and returns one; says once what it waits for. Rejects when `signal` aborts. */
export async function waitForDatabase({
  url,
  log,
  signal,
}: {
  url: string
  log: Logger
  signal?: AbortSignal | undefined
}): Promise<pg.Client> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted()
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 5000,
      application_name: 'migrate',
    })
    client.on('error', () => {})
    try {
      await client.connect()
      if (attempt > 0) log.info('The database is there', { attempts: attempt })
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (attempt === 0) log.warn('Waiting for the database', { error })
      await pause(50 + fullJitter(attempt, { maxMs: 2000 }), signal)
    }
  }
}
