import type { messagesApi, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'

/** The conversations people take part in, and the version at which they came into each; everyone asked for is in the reply. */
export async function listMemberships(
  { pool }: MessagesContext,
  userIds: readonly string[],
): Promise<RouteReply<typeof messagesApi.internalMemberships>> {
  const { rows } = await pool.query<{ userId: string; id: string; joinedVersion: number }>({
    name: 'list-memberships',
    text: `SELECT user_id AS "userId", conversation_id AS id, joined_version AS "joinedVersion"
FROM participants WHERE user_id = ANY($1::uuid[]) AND left_version IS NULL`,
    values: [userIds],
  })
  const byUser = Map.groupBy(rows, ({ userId }) => userId)
  return {
    items: [...new Set(userIds)].map((userId) => ({
      userId,
      conversations: (byUser.get(userId) ?? []).map(({ id, joinedVersion }) => ({ id, joinedVersion })),
    })),
  }
}
