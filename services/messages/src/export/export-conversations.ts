import type { messagesApi, RouteParams, RouteQuery, RouteReply } from '@finnigram/contracts'
import type { MessagesContext } from '../context.ts'
import { loadConversations } from '../conversations/load-conversations.ts'
import { withSnapshot } from '../with-snapshot.ts'

type Export = typeof messagesApi.exportConversations

/** Conversations of one page. */
const page = 100
/** Before all ids. */
const nilId = '00000000-0000-0000-0000-000000000000'

const select = `SELECT conversation_id AS id FROM participants
WHERE user_id = $1 AND left_version IS NULL AND conversation_id > $2
ORDER BY conversation_id LIMIT ${page}`

/** The conversations a person takes part in, by id, as they see them. */
export const exportConversations = (
  { pool }: MessagesContext,
  { userId, after = nilId }: RouteParams<Export> & RouteQuery<Export>,
): Promise<RouteReply<Export>> =>
  withSnapshot(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>({
      name: 'export-conversations',
      text: select,
      values: [userId, after],
    })
    const ids = rows.map(({ id }) => id)
    const items = await loadConversations(tx, userId, ids)
    return { items, nextAfter: ids.length === page ? (ids.at(-1) ?? null) : null }
  })
