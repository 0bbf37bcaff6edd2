import {
  type Conversation,
  ConversationId,
  type GroupInvitation,
  type messagesApi,
  type RouteQuery,
  type RouteReply,
  UserId,
} from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { Queryable, WithPool } from '../../deps.ts'
import { type ProfileRow, profileColumns, toShownProfile } from '../../people/shown-profile.ts'
import { conversationColumns } from '../conversation-row.ts'
import { requireGroupManager } from '../permissions.ts'
import { type InvitedRow, toInvited } from './invite-people.ts'

type Page = typeof messagesApi.listInvitations

const select = `SELECT g.user_id AS "userId", g.invited_by AS "invitedBy", g.created_at AS "createdAt", ${profileColumns('$4')}
FROM group_invitations g JOIN users_replica u ON u.id = g.user_id
WHERE g.conversation_id = $1 AND g.ended_at IS NULL AND ($2::uuid IS NULL OR g.user_id > $2)
ORDER BY g.user_id LIMIT $3`

type InvitationRow = Omit<GroupInvitation, 'createdAt' | 'user'> & ProfileRow & { createdAt: Date }

/** The pending invitations of a group, by user id. Throws `not_found` or `forbidden`. */
export async function listInvitations(
  ctx: WithPool,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const after = cursor === undefined ? null : fromCursor(UserId, cursor, 'query.cursor')
  await requireGroupManager(ctx, actor, conversationId)
  const { rows } = await ctx.pool.query<InvitationRow>({
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

/** SQL: the invitation `g` is pending. One across a block is not. */
const isPending = `g.ended_at IS NULL AND NOT EXISTS (
  SELECT FROM blocks b WHERE b.in_force AND ((b.user_id = g.user_id AND b.blocked_id = g.invited_by)
    OR (b.user_id = g.invited_by AND b.blocked_id = g.user_id))
)`

/** The last invitation of a page: time in milliseconds since 1970, and the group. */
const InvitedCursor = z.tuple([z.int().min(0).max(8.64e15), ConversationId])

const selectInvited = `SELECT ${conversationColumns}, g.invited_by AS "invitedBy", g.created_at AS "invitedAt"
FROM group_invitations g JOIN conversations c ON c.id = g.conversation_id
WHERE g.user_id = $1 AND ${isPending}
  AND ($2::timestamptz IS NULL OR (g.created_at, g.conversation_id) < ($2, $3::uuid))
ORDER BY g.created_at DESC, g.conversation_id DESC LIMIT $4`

/** The groups to which somebody is invited, newest invitation first. */
export async function listInvited(
  { pool }: WithPool,
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

/** A group as an invited person sees it; `undefined` without a pending invitation. */
export async function findInvited(
  tx: Queryable,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<Conversation | undefined> {
  const { rows } = await tx.query<InvitedRow>({
    name: 'find-invited',
    text: `SELECT ${conversationColumns}, g.invited_by AS "invitedBy", g.created_at AS "invitedAt"
FROM group_invitations g JOIN conversations c ON c.id = g.conversation_id
WHERE g.conversation_id = $1 AND g.user_id = $2 AND ${isPending}`,
    values: [conversationId, userId],
  })
  return rows[0] && toInvited(rows[0])
}

/** Ids of the groups to which somebody is invited, in a range; sync asks. */
export async function readInvited(
  tx: Queryable,
  userId: string,
  { after, until }: { after: string; until: string },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'sync-invited',
    text: `SELECT g.conversation_id AS id FROM group_invitations g
WHERE g.user_id = $1 AND ${isPending} AND g.conversation_id > $2 AND g.conversation_id <= $3
ORDER BY g.conversation_id`,
    values: [userId, after, until],
  })
  return rows.map(({ id }) => id)
}
