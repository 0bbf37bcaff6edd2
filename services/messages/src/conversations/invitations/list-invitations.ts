import type { Conversation } from '@finnigram/contracts'
import {
  ConversationId,
  type GroupInvitation,
  type messagesApi,
  type RouteQuery,
  type RouteReply,
  UserId,
} from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../../context.ts'
import { type ProfileRow, profileColumns, toShownProfile } from '../../people/shown-profile.ts'
import { conversationColumns } from '../conversation-row.ts'
import type { Snapshot } from '../load-conversations.ts'
import { requireGroupManager } from '../permissions.ts'
import type { InvitedRow } from './invite-people.ts'
import { toInvited } from './invite-people.ts'

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

/** Of people on one side of a block, nothing is asked of the other. */
const waits = `g.ended_at IS NULL AND NOT EXISTS (
  SELECT FROM blocks b WHERE b.in_force AND ((b.user_id = g.user_id AND b.blocked_id = g.invited_by)
    OR (b.user_id = g.invited_by AND b.blocked_id = g.user_id))
)`

/** When the last of a page was sent, in milliseconds since 1970, and the group. */
const InvitedCursor = z.tuple([z.int().min(0).max(8.64e15), ConversationId])

const selectInvited = `SELECT ${conversationColumns}, g.invited_by AS "invitedBy", g.created_at AS "invitedAt"
FROM group_invitations g JOIN conversations c ON c.id = g.conversation_id
WHERE g.user_id = $1 AND ${waits}
  AND ($2::timestamptz IS NULL OR (g.created_at, g.conversation_id) < ($2, $3::uuid))
ORDER BY g.created_at DESC, g.conversation_id DESC LIMIT $4`

/** The groups that wait for the caller's answer, newest first. */
export async function listInvited(
  { pool }: Pick<MessagesContext, 'pool'>,
  userId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RouteReply<typeof messagesApi.listConversations>> {
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(InvitedCursor, cursor, 'query.cursor')
  const { rows } = await pool.query<InvitedRow>({
    name: 'list-invited',
    text: selectInvited,
    values: [userId, at === null ? null : new Date(at), id, limit + 1],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map(toInvited),
    nextCursor: last ? toCursor([last.invitedAt.getTime(), last.id]) : null,
  }
}

/** What somebody who is invited to a group may see of it; undefined for all others. */
export async function findInvited(
  tx: Snapshot,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<Conversation | undefined> {
  const { rows } = await tx.query<InvitedRow>({
    name: 'find-invited',
    text: `SELECT ${conversationColumns}, g.invited_by AS "invitedBy", g.created_at AS "invitedAt"
FROM group_invitations g JOIN conversations c ON c.id = g.conversation_id
WHERE g.conversation_id = $1 AND g.user_id = $2 AND ${waits}`,
    values: [conversationId, userId],
  })
  return rows[0] && toInvited(rows[0])
}

/** Ids of the groups that wait for somebody's answer, of those in a range. */
export async function readInvited(
  tx: Snapshot,
  userId: string,
  { after, until }: { after: string; until: string },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'sync-invited',
    text: `SELECT g.conversation_id AS id FROM group_invitations g
WHERE g.user_id = $1 AND ${waits} AND g.conversation_id > $2 AND g.conversation_id <= $3
ORDER BY g.conversation_id`,
    values: [userId, after, until],
  })
  return rows.map(({ id }) => id)
}
