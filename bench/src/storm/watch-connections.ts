import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../archive-fill.ts'

export interface ConnectionWatch extends AsyncDisposable {
  /** The most connections that were open, and that were at work, at one moment. */
  readonly most: { open: number; active: number }
  /** How many the server has room for. */
  readonly room: number
}

const everyMs = 200

/** Looks again and again how many connections PostgreSQL has, this one left out. */
export async function watchConnections(db: Database): Promise<ConnectionWatch> {
  const most = { open: 0, active: 0 }
  const stopping = new AbortController()
  const room = await ask<{ room: number }>(db, `SELECT current_setting('max_connections')::int AS room`)
  const look = async () => {
    const { open, active } = await ask<{ open: number; active: number }>(
      db,
      `SELECT count(*)::int AS open, (count(*) FILTER (WHERE state = 'active'))::int AS active
FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()`,
    )
    most.open = Math.max(most.open, open)
    most.active = Math.max(most.active, active)
  }
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return {
    most,
    room: room.room,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await watching
    },
  }
}

async function ask<T>(db: Database, text: string): Promise<T> {
  const { rows } = await db.query(text)
  return rows[0] as T
}
