import { hash } from 'node:crypto'
import type { NewPushDevice } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { requireSession } from '../auth/sessions.ts'
import type { WithConfig, WithPool } from '../deps.ts'
import { lockUser, type UserRow } from '../people/user-row.ts'
import { toSharedUser } from '../people/user-views.ts'
import { type Emit, type TransactionDeps, transactionWithOutbox } from '../transaction-with-outbox.ts'
import { requireExpoToken, requirePushTarget } from './push-target.ts'

const mostDevices = 50

/**
 * Registers a device for notifications until the caller's session ends. A physical device belongs
 * to the user who registered it last. Throws `validation_failed` for an invalid token or
 * endpoint, `conflict` for too many devices.
 */
export async function putDevice(
  ctx: TransactionDeps & WithConfig<'PUSH_ALLOW_PRIVATE'>,
  actor: Actor,
  { deviceId, device }: { deviceId: string; device: NewPushDevice },
): Promise<void> {
  if (device.kind === 'expo') requireExpoToken(device.token)
  else requirePushTarget(device.subscription, ctx.config.PUSH_ALLOW_PRIVATE)
  const row = toRow(device)
  await transactionWithOutbox(ctx, async (tx, emit) => {
    // User before session, the order in which `deleteAccount` locks.
    const person = await lockUser(tx, actor.userId)
    await lockSession(tx, actor)
    // Two users may register one device at the same moment.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [row.targetKey.readBigInt64BE()])
    await tx.query('DELETE FROM devices WHERE target_key = $1 AND NOT (user_id = $2 AND id = $3)', [
      row.targetKey,
      actor.userId,
      deviceId,
    ])
    await requireDeviceQuota(tx, actor.userId, deviceId)
    await tx.query(
      `INSERT INTO devices (user_id, id, session_id, kind, name, target, target_key)
VALUES ($1, $2, $3, $4::device_kind, $5, $6::jsonb, $7)
ON CONFLICT (user_id, id) DO UPDATE SET session_id = excluded.session_id, kind = excluded.kind, name = excluded.name,
  target = excluded.target, target_key = excluded.target_key, updated_at = now()`,
      [actor.userId, deviceId, actor.sessionId, device.kind, device.name, row.target, row.targetKey],
    )
    await markReachable(tx, person, emit)
  })
}

/** The device references the session, which must not end meanwhile. */
async function lockSession(tx: pg.PoolClient, { sessionId, userId }: Actor): Promise<void> {
  const { rowCount } = await tx.query('SELECT FROM sessions WHERE id = $1 AND user_id = $2 FOR KEY SHARE', [
    sessionId,
    userId,
  ])
  if (rowCount === 0) throw new AppError('unauthenticated')
}

function toRow(device: NewPushDevice): { target: string; targetKey: Buffer } {
  const [target, key] =
    device.kind === 'expo'
      ? [{ token: device.token }, device.token]
      : [{ subscription: device.subscription }, device.subscription.endpoint]
  return { target: JSON.stringify(target), targetKey: hash('sha256', `${device.kind} ${key}`, 'buffer') }
}

async function requireDeviceQuota(tx: pg.PoolClient, userId: string, deviceId: string): Promise<void> {
  const { rows } = await tx.query<{ others: number }>(
    'SELECT count(*)::int AS others FROM devices WHERE user_id = $1 AND id <> $2',
    [userId, deviceId],
  )
  if ((rows[0]?.others ?? 0) >= mostDevices)
    throw new AppError('conflict', { detail: `You cannot have more than ${mostDevices} devices notified` })
}

/** Deletes one of the caller's devices, if it exists, whichever session registered it. */
export async function deleteDevice({ pool }: WithPool, actor: Actor, deviceId: string): Promise<void> {
  await requireSession(pool, actor)
  await pool.query('DELETE FROM devices WHERE user_id = $1 AND id = $2', [actor.userId, deviceId])
}

/** Marks a locked user as reachable by notifications, and emits it if it is new. */
async function markReachable(tx: pg.PoolClient, row: UserRow, emit: Emit): Promise<void> {
  if (row.reachable) return
  const next = { ...row, reachable: true, version: row.version + 1 }
  await tx.query('UPDATE users SET reachable = true, version = $2 WHERE id = $1', [next.id, next.version])
  emit(next.id, 'user.updated', toSharedUser(next))
}
