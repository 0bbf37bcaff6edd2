import type { NewPushDevice, PushDevice, RouteParams, RouteReply, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { toPreferences } from '../people/preferences.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import { type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'

/** The devices of those users who want notifications. Users without a device become unreachable. */
export async function listPushDevices(
  ctx: TransactionDeps,
  userIds: readonly string[],
): Promise<RouteReply<typeof usersApi.listPushDevices>> {
  const { rows } = await ctx.pool.query<StoredDevice>(
    `${storedDevices} WHERE d.user_id = ANY ($1::uuid[]) ORDER BY d.user_id, d.id`,
    [userIds],
  )
  const having = new Set(rows.map(({ userId }) => userId))
  const without = userIds.filter((id) => !having.has(id))
  if (without.length > 0) await markUnreachable(ctx, without)
  const devices = rows.map(toPushDevice).filter(({ isWanted }) => isWanted)
  return { items: devices.map(({ isWanted: _, ...device }) => device) }
}

/**
 * The second statement looks for devices, because one may be added while the first waits for the
 * lock.
 */
async function markUnreachable(ctx: TransactionDeps, userIds: readonly string[]): Promise<void> {
  await transactionWithOutbox(ctx, async (tx, emit) => {
    const locked = await tx.query<{ id: string }>(
      'SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND reachable ORDER BY id FOR NO KEY UPDATE',
      [userIds],
    )
    if (locked.rows.length === 0) return
    const { rows } = await tx.query<UserRow>(
      `UPDATE users u SET reachable = false, version = u.version + 1
WHERE u.id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM devices d WHERE d.user_id = u.id)
RETURNING ${userColumns}`,
      [locked.rows.map(({ id }) => id)],
    )
    for (const row of rows) emit(row.id, 'user.updated', toSharedUser(row))
  })
}

type Get = typeof usersApi.getPushDevice

/** A device, and whether its owner wants notifications. Throws `not_found`. */
export async function getPushDevice(
  { pool }: WithPool,
  { userId, deviceId }: RouteParams<Get>,
): Promise<RouteReply<Get>> {
  const { rows } = await pool.query<StoredDevice>(`${storedDevices} WHERE d.user_id = $1 AND d.id = $2`, [
    userId,
    deviceId,
  ])
  if (!rows[0]) throw new AppError('not_found')
  return toPushDevice(rows[0])
}

/**
 * Deletes devices by target key. A device that was registered again meanwhile has another key, and
 * stays.
 */
export async function deletePushDevices({ pool }: WithPool, keys: readonly string[]): Promise<void> {
  const targets = keys.map(parseTargetKey).filter((target) => target !== undefined)
  // Locked in one order, so that concurrent calls cannot deadlock.
  await pool.query(
    `WITH gone AS (
  SELECT d.user_id, d.id FROM unnest($1::bytea[], $2::timestamptz[]) AS w (target_key, updated_at)
  JOIN devices d ON d.target_key = w.target_key AND d.updated_at = w.updated_at
  ORDER BY d.target_key FOR UPDATE OF d
)
DELETE FROM devices d USING gone WHERE d.user_id = gone.user_id AND d.id = gone.id`,
    [targets.map(({ targetKey }) => targetKey), targets.map(({ updatedAt }) => updatedAt)],
  )
}

/** A device as stored, with its owner's preferences. */
interface StoredDevice {
  userId: string
  deviceId: string
  sessionId: string
  kind: NewPushDevice['kind']
  target: object
  targetKey: Uint8Array
  updatedAt: Date
  preferences: unknown
}

/** Selects devices `d` with session `s` and owner `u`. An expired session counts as ended. */
const storedDevices = `SELECT d.user_id AS "userId", d.id AS "deviceId", d.session_id AS "sessionId", d.kind, d.target,
  d.target_key AS "targetKey", d.updated_at AS "updatedAt", u.preferences
FROM devices d
JOIN sessions s ON s.id = d.session_id AND s.expires_at > now()
JOIN users u ON u.id = d.user_id`

/** The target of a device, and how its owner wants notifications, if at all. */
function toPushDevice(row: StoredDevice): PushDevice & { isWanted: boolean } {
  const { push, preview, sound, quietHours } = toPreferences(row.preferences).notifications
  const { userId, deviceId, sessionId, kind, target } = row
  const targetKey = toTargetKey(row)
  return {
    userId,
    deviceId,
    sessionId,
    targetKey,
    target: { kind, ...target } as PushDevice['target'],
    preview,
    sound,
    quietHours,
    isWanted: push,
  }
}

interface Target {
  /** SHA-256 of the token or the endpoint. */
  targetKey: Uint8Array
  updatedAt: Date
}

/**
 * The key of a device's target as registered then. Registering again, even with the same token,
 * changes it.
 */
const toTargetKey = ({ targetKey, updatedAt }: Target): string =>
  `${Buffer.from(targetKey).toString('base64url')}.${updatedAt.getTime()}`

/** Undefined for an invalid key. */
function parseTargetKey(name: string): Target | undefined {
  const [, key, at] = /^([\w-]{43})\.(\d{1,15})$/.exec(name) ?? []
  if (key === undefined || at === undefined) return undefined
  return { targetKey: Buffer.from(key, 'base64url'), updatedAt: new Date(Number(at)) }
}
