import type { messagesApi, RouteQuery, RouteReply } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../../context.ts'
import { requireGroupManager } from '../require-group-manager.ts'
import { type InviteRow, inviteColumns, isUsable, toInvite } from './invite-row.ts'

type Page = typeof messagesApi.listInvites

/** When the last of a page was made, in milliseconds since 1970, and its code. */
const Place = z.tuple([z.int().min(0).max(8.64e15), z.string().max(64)])

const select = `SELECT ${inviteColumns} FROM invites i
WHERE i.conversation_id = $1 AND ${isUsable}
  AND ($2::timestamptz IS NULL OR (i.created_at, i.code) < ($2, $3::text))
ORDER BY i.created_at DESC, i.code DESC LIMIT $4`

/** The invites of a group that can be used, newest first. Throws `not_found` or `forbidden`. */
export async function listInvites(
  ctx: MessagesContext,
  actor: Actor,
  { conversationId, limit, cursor }: { conversationId: string } & RouteQuery<Page>,
): Promise<RouteReply<Page>> {
  const [at, code] = cursor === undefined ? [null, null] : fromCursor(Place, cursor, 'query.cursor')
  await requireGroupManager(ctx, actor, conversationId)
  const { rows } = await ctx.pool.query<InviteRow>({
    name: 'list-invites',
    text: select,
    values: [conversationId, at === null ? null : new Date(at), code, limit + 1],
  })
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((row) => toInvite(row, ctx.config)),
    nextCursor: last ? toCursor([last.createdAt.getTime(), last.code]) : null,
  }
}
