import type { RouteReply, usersApi } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { toSharedUser } from '../people/to-shared-user.ts'
import { type UserRow, userColumns } from '../people/user-row.ts'
import { type StoredDevice, storedDevices, toPushDevice } from '../push/stored-device.ts'
import { commitFacts } from '../transaction-with-outbox.ts'

/** The devices of those of these people who want to be notified. Whoever turns out to have none is no longer `reachable`, and the other services are told. */
export async function listPushDevices(
  ctx: UsersContext,
  userIds: readonly string[],
): Promise<RouteReply<typeof usersApi.listPushDevices>> {
  const { rows } = await ctx.pool.query<StoredDevice>(
    `${storedDevices} WHERE d.user_id = ANY ($1::uuid[]) ORDER BY d.user_id, d.id`,
    [userIds],
  )
  const having = new Set(rows.map(({ userId }) => userId))
  const without = userIds.filter((id) => !having.has(id))
  if (without.length > 0) await forgetReachable(ctx, without)
  const devices = rows.map(toPushDevice).filter(({ isWanted }) => isWanted)
  return { items: devices.map(({ isWanted: _, ...device }) => device) }
}

/** Only the second statement looks for devices: it sees one that was set while the first waited for the row. */
async function forgetReachable(ctx: UsersContext, userIds: readonly string[]): Promise<void> {
  await commitFacts(ctx, async (tx, tell) => {
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
    for (const row of rows) tell(row.id, 'user.updated', toSharedUser(row))
  })
}
