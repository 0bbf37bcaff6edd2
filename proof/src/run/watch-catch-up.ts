import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Device } from '../devices/device.ts'
import type { Environment } from '../operations/operation.ts'

/** How long it took until all that there was when a fault ended was everywhere. */
export interface CatchUp {
  /** What it was after. */
  name: string
  from: number
  /** Null: it was given up. */
  ms: number | null
  /** Devices that were still lacking something in the end. */
  behind: string[]
}

/** What a device has to have. */
interface Goal {
  device: Device
  lives: number
  waiting: readonly string[]
}

const everyMs = 50
/** After so many looks it is looked who has left since: what they lack they never get. */
const refreshRounds = 20
const sql = `SELECT c.id, c.version, p.user_id AS "userId" FROM conversations c
JOIN participants p ON p.conversation_id = c.id AND p.left_version IS NULL`

/**
 * Resolves when every device that is connected now, and stays so, has every conversation at least
 * at the version that it has now, and all messages that wait on a device now are on the server;
 * rejects never, and gives up after `mostMs`.
 */
export async function measureCatchUp(
  { devices, now }: Environment,
  { name, databaseUrl, mostMs }: { name: string; databaseUrl: string; mostMs: number },
): Promise<CatchUp> {
  const from = now()
  const goals: Goal[] = devices
    .filter((device) => device.shouldBeConnected)
    .map((device) => ({ device, lives: device.away.length, waiting: device.recorder.waitingIds() }))
  let versions: Row[] | undefined
  for (let round = 1; ; round += 1) {
    if (!versions) versions = await readVersions(databaseUrl).catch(() => undefined)
    else if (round % refreshRounds === 0) versions = await withoutLeft(versions, databaseUrl)
    const rows = versions
    const behind = rows ? goals.filter((goal) => isBehind(goal, rows)) : goals
    const ms = Math.round(now() - from)
    if (behind.length === 0) return { name, from, ms, behind: [] }
    if (ms > mostMs) return { name, from, ms: null, behind: behind.map(({ device }) => device.name) }
    await sleep(everyMs)
  }
}

interface Row {
  id: string
  version: number
  userId: string
}

function isBehind({ device, lives, waiting }: Goal, versions: readonly Row[]): boolean {
  if (!device.shouldBeConnected || device.away.length !== lives) return false
  const { recorder, person } = device
  if (waiting.some((id) => recorder.isWaiting(id))) return true
  return versions.some(
    ({ id, version, userId }) => userId === person.id && (recorder.versions.get(id) ?? -1) < version,
  )
}

async function withoutLeft(versions: Row[], databaseUrl: string): Promise<Row[]> {
  const present = await readVersions(databaseUrl).catch(() => undefined)
  if (!present) return versions
  const pairs = new Set(present.map(({ id, userId }) => `${id} ${userId}`))
  return versions.filter(({ id, userId }) => pairs.has(`${id} ${userId}`))
}

async function readVersions(databaseUrl: string): Promise<Row[]> {
  const database = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 1_000,
    query_timeout: 1_000,
  })
  database.on('error', () => undefined)
  try {
    await database.connect()
    return (await database.query<Row>(sql)).rows
  } finally {
    await database.end().catch(() => undefined)
  }
}
