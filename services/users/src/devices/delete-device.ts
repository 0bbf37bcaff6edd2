import type { Actor } from '@finnigram/service-kit'
import { requireSession } from '../auth/require-session.ts'
import type { UsersContext } from '../context.ts'

/** No longer notifies one of the caller's devices, whichever session set it. Nothing happens where there is none. */
export async function deleteDevice({ pool }: UsersContext, actor: Actor, deviceId: string): Promise<void> {
  await requireSession(pool, actor)
  await pool.query('DELETE FROM devices WHERE user_id = $1 AND id = $2', [actor.userId, deviceId])
}
