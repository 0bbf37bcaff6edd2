import type { Role } from '@finnigram/contracts'
import type { Snapshot } from '../load-conversations.ts'

/** The part somebody has in a conversation now; `undefined` when they have none. */
export async function findRole(
  tx: Snapshot,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<Role | undefined> {
  const { rows } = await tx.query<{ role: Role }>(
    'SELECT role FROM participants WHERE conversation_id = $1 AND user_id = $2 AND left_version IS NULL',
    [conversationId, userId],
  )
  return rows[0]?.role
}
