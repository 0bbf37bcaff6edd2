import type pg from 'pg'
import { toSharedUser } from '../people/to-shared-user.ts'
import type { UserRow } from '../people/user-row.ts'
import type { Tell } from '../transaction-with-outbox.ts'

/** Says of a person, whose row is locked, that they have a device to notify; the other services are told where that is new. */
export async function becomeReachable(tx: pg.PoolClient, row: UserRow, tell: Tell): Promise<void> {
  if (row.reachable) return
  const next = { ...row, reachable: true, version: row.version + 1 }
  await tx.query('UPDATE users SET reachable = true, version = $2 WHERE id = $1', [next.id, next.version])
  tell(next.id, 'user.updated', toSharedUser(next))
}
