import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger, type openPool, openRedis } from '@finnigram/service-kit'
import type { BenchServer } from '../start-server.ts'

/** What the product keeps, and what it still has to do. */
export interface Footprint {
  redisBytes: number
  /**
   * Databases, files, mails and logs; without PostgreSQL's log of changes, whose files are reused.
   */
  diskBytes: number
  /** Bytes in the file store that no file and no upload accounts for. */
  strayBytes: number
  /** Folders of files that are being looked at. */
  workFolders: number
  /** Facts that are not published yet. */
  outbox: number
  /** Conversations that search has not caught up with. */
  searchQueue: number
}

type Pool = ReturnType<typeof openPool>
export interface Databases {
  users: Pool
  messages: Pool
}

export async function readFootprint(
  { redis, home }: BenchServer,
  { users, messages }: Databases,
): Promise<Footprint> {
  const files = await folderBytes(join(home, 'files'))
  const kept = await numberOf(
    messages,
    `SELECT (SELECT coalesce(sum(size), 0) FROM blobs)
+ (SELECT coalesce(sum(received), 0) FROM uploads WHERE finished_at IS NULL) AS number`,
  )
  const size = 'SELECT pg_database_size(current_database()) AS number'
  const databases = (await numberOf(users, size)) + (await numberOf(messages, size))
  const others = await Promise.all(['mail', 'logs', 'redis'].map((name) => folderBytes(join(home, name))))
  const waiting = 'SELECT count(*) AS number FROM outbox'
  return {
    redisBytes: await usedMemory(redis),
    diskBytes: databases + files + others.reduce((sum, bytes) => sum + bytes, 0),
    strayBytes: Math.max(0, files - kept),
    workFolders: (await readdir(join(home, 'files', 'work')).catch(() => [])).length,
    outbox: (await numberOf(users, waiting)) + (await numberOf(messages, waiting)),
    searchQueue: await numberOf(messages, 'SELECT count(*) AS number FROM search_queue'),
  }
}

async function numberOf(pool: Pool, text: string): Promise<number> {
  const { rows } = await pool.query<{ number: string }>(text)
  return Number(rows[0]?.number ?? 0)
}

async function usedMemory(url: string): Promise<number> {
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  await using redis = openRedis({ url, name: 'bench', log })
  await redis.whenUp(2_000)
  return Number(/used_memory:(\d+)/.exec(await redis.commands.info('memory'))?.[1] ?? 0)
}

/** What vanishes while it is looked at takes no place. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(
        async ({ parentPath, name }) =>
          (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0,
      ),
  )
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}

/**
 * Connections from an address of loopback that the server at `url` still holds, not those that only
 * wait to be forgotten. Linux only.
 */
export function connectionsFrom(address: string, { url }: { url: string }): number {
  const established = '01'
  const { hostname, port } = new URL(url)
  const [here, there] = [hexAddress(hostname), hexAddress(address)]
  const local = `${here}:${Number(port).toString(16).padStart(4, '0').toUpperCase()}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .filter((line) => {
      const [, own, remote = '', state] = line.trim().split(/\s+/)
      return own === local && remote.startsWith(`${there}:`) && state === established
    }).length
}

/** As Linux writes it there: its bytes from the last to the first. */
const hexAddress = (address: string) =>
  address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .reverse()
    .join('')
    .toUpperCase()
