import { type Conversation, ConversationId, type messagesApi, type RouteReply } from '@finnigram/contracts'
import { fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../../context.ts'
import { conversationColumns } from '../conversation-row.ts'
import type { Snapshot } from '../load-conversations.ts'
import { type InvitedRow, toInvited } from './invite-people.ts'

/** Of people on one side of a block, nothing is asked of the other. */
const waits = `g.ended_at IS NULL AND NOT EXISTS (
  SELECT FROM blocks b WHERE b.in_force AND ((b.user_id = g.user_id AND b.blocked_id = g.invited_by)
    OR (b.user_id = g.invited_by AND b.blocked_id = g.user_id))
)`

/** When the last of a page was sent, in milliseconds since 1970, and the group. */
const Place = z.tuple([z.int().min(0).max(8.64e15), ConversationId])

const select = `SELECT ${conversationColumns}, g.invited_by AS "invitedBy", g.created_at AS "invitedAt"
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
  const [at, id] = cursor === undefined ? [null, null] : fromCursor(Place, cursor, 'query.cursor')
  const { rows } = await pool.query<InvitedRow>({
    name: 'list-invited',
    text: select,
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
