import { ConversationId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { MessagesContext } from '../context.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { listInvited } from './invitations/list-invitations.ts'
import { loadConversations } from './load-conversations.ts'

type List = typeof messagesApi.listConversations

/** Pinned, time of the last activity in milliseconds (up to the last that a `Date` holds), id: of the last conversation of a page. */
const Place = z.tuple([z.boolean(), z.int().min(0).max(8.64e15), ConversationId])

const select = `SELECT c.id, p.pinned, c.last_activity_at AS "lastActivityAt"
FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = $1 AND p.left_version IS NULL AND p.archived = $2
  AND ($3::boolean IS NULL OR (p.pinned, c.last_activity_at, c.id) < ($3, $4::timestamptz, $5::uuid))
ORDER BY p.pinned DESC, c.last_activity_at DESC, c.id DESC
LIMIT $6`

/** The caller's conversations, pinned first, then latest activity; archived ones only when asked for, and so are those the caller is invited to. */
export async function listConversations(
  { pool }: MessagesContext,
  actor: Actor,
  { limit, cursor, archived = false, state = 'member' }: RouteQuery<List>,
): Promise<RouteReply<List>> {
  if (state === 'invited') return listInvited({ pool }, actor.userId, { limit, cursor })
  const [pinned, at, id] =
    cursor === undefined ? [null, null, null] : fromCursor(Place, cursor, 'query.cursor')
  return withSnapshot(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string; pinned: boolean; lastActivityAt: Date }>({
      name: 'list-conversations',
      text: select,
      values: [actor.userId, archived, pinned, at === null ? null : new Date(at), id, limit + 1],
    })
    const page = rows.slice(0, limit)
    const items = await loadConversations(
      tx,
      actor.userId,
      page.map((row) => row.id),
    )
    const last = rows.length > limit ? page.at(-1) : undefined
    const nextCursor = last ? toCursor([last.pinned, last.lastActivityAt.getTime(), last.id]) : null
    return { items, nextCursor }
  })
}
