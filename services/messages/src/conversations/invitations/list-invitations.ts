import {
  type GroupInvitation,
  type messagesApi,
  type RouteQuery,
  type RouteReply,
  UserId,
} from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import type { MessagesContext } from '../../context.ts'
import { requireGroupManager } from '../require-group-manager.ts'
import { type ProfileRow, profileColumns, toShownProfile } from '../../people/shown-profile.ts'

type Page = typeof messagesApi.listInvitations

const select = `SELECT g.user_id AS "userId", g.invited_by AS "invitedBy", g.created_at AS "createdAt", ${profileColumns('$4')}
FROM group_invitations g JOIN users_replica u ON u.id = g.user_id
WHERE g.conversation_id = $1 AND g.ended_at IS NULL AND ($2::uuid IS NULL OR g.user_id > $2)
ORDER BY g.user_id LIMIT $3`

type Row = Omit<GroupInvitation, 'createdAt' | 'user'> & ProfileRow & { createdAt: Date }

/** Who was asked to join a group and has not answered, by user id. Throws `not_found` or `forbidden`. */
export async function listInvitations(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const after = cursor === undefined ? null : fromCursor(UserId, cursor, 'query.cursor')
  await requireGroupManager(ctx, actor, conversationId)
  const { rows } = await ctx.pool.query<Row>({
    name: 'list-invitations',
    text: select,
    values: [conversationId, after, limit + 1, actor.userId],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => ({
      userId: row.userId,
      invitedBy: row.invitedBy,
      createdAt: row.createdAt.toISOString(),
      user: toShownProfile(row),
    })),
    nextCursor: last ? toCursor(last.userId) : null,
  }
}
