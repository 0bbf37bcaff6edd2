import { ConversationId, type messagesApi, type RouteQuery, type RouteReply } from '@finnigram/contracts'
import { type Actor, fromCursor, toCursor } from '@finnigram/service-kit'
import { z } from 'zod'
import type { WithPool } from '../deps.ts'
import { withSnapshot } from '../with-snapshot.ts'
import { listInvited } from './invitations/list-invitations.ts'
import { loadConversations } from './load-conversations.ts'

type List = typeof messagesApi.listConversations

/**
 * The last conversation of a page: pinned, last activity in milliseconds (at most what a `Date`
 * holds), id.
 */
const ConversationCursor = z.tuple([z.boolean(), z.int().min(0).max(8.64e15), ConversationId])

const select = `SELECT c.id, p.pinned, c.last_activity_at AS "lastActivityAt"
FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.user_id = $1 AND p.left_version IS NULL AND p.archived = $2
  AND ($3::boolean IS NULL OR (p.pinned, c.last_activity_at, c.id) < ($3, $4::timestamptz, $5::uuid))
ORDER BY p.pinned DESC, c.last_activity_at DESC, c.id DESC
LIMIT $6`

/**
 * The conversations of the caller: pinned first, then by latest activity. Archived ones and
 * invitations only on request.
 */
export async function listConversations(
  { pool }: WithPool,
  actor: Actor,
  { limit, cursor, archived = false, state = 'member' }: RouteQuery<List>,
): Promise<RouteReply<List>> {
  if (state === 'invited') return listInvited({ pool }, actor.userId, { limit, cursor })
  const [pinned, at, id] =
    cursor === undefined ? [null, null, null] : fromCursor(ConversationCursor, cursor, 'query.cursor')
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
