import type { ConversationMe, ConversationMeChange } from '@finnigram/contracts'
import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { tellAccount } from '../events/tell-account.ts'
import { consumeText } from '../text/consume-text.ts'
import type { Snapshot } from './load-conversations.ts'
import { type MeRow, meColumns, toMe } from './me-row.ts'

interface Place {
  conversationId: string
  userId: string
}

/** Changes how a conversation stands for the caller, and tells the caller's other devices; what stays as it is tells nothing. Throws `not_found`. */
export async function updateMe(
  { pool, relay, limits }: MessagesContext,
  actor: Actor,
  { conversationId, ...wanted }: ConversationMeChange & { conversationId: string },
): Promise<ConversationMe> {
  const place = { conversationId, userId: actor.userId }
  // Only one's own devices hear of a draft, and often.
  if (wanted.draft !== undefined) {
    await consumeText({ limits }, actor.userId, { texts: [wanted.draft], share: 1 / 4 })
  }
  const { me, partitions } = await withTransaction(pool, async (tx) => {
    const present = toMe(await lockMe(tx, place))
    const changed = { ...present, ...definedOf(wanted) }
    if (isSame(present, changed)) return { me: present, partitions: [] }
    await storeMe(tx, place, changed)
    const data = { conversationId, me: changed }
    return { me: changed, partitions: await tellAccount(tx, actor.userId, { type: 'conversation.me', data }) }
  })
  if (partitions.length > 0) relay.wake(partitions)
  return me
}

/** The row stays locked until the commit, so that one's devices hear its changes in their order. */
async function lockMe(tx: Snapshot, { conversationId, userId }: Place): Promise<MeRow> {
  await tx.query('SELECT FROM participants WHERE conversation_id = $1 AND user_id = $2 FOR NO KEY UPDATE', [
    conversationId,
    userId,
  ])
  const { rows } = await tx.query<MeRow>(
    `SELECT ${meColumns} FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversationId, userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}

async function storeMe(tx: Snapshot, { conversationId, userId }: Place, me: ConversationMe): Promise<void> {
  await tx.query(
    `UPDATE participants SET muted_until = $3, archived = $4, pinned = $5, notify = $6::notify, draft = $7, me_at = now()
WHERE conversation_id = $1 AND user_id = $2`,
    [conversationId, userId, me.mutedUntil, me.archived, me.pinned, me.notify, me.draft],
  )
}

type Settings = Partial<Pick<ConversationMe, keyof ConversationMeChange>>

/** An empty draft is none. */
function definedOf({ draft, ...others }: ConversationMeChange): Settings {
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
  return { ...given, ...(draft === undefined ? {} : { draft: draft === '' ? null : draft }) }
}

const isSame = (one: ConversationMe, other: ConversationMe) =>
  (['mutedUntil', 'archived', 'pinned', 'notify', 'draft'] as const).every((key) => one[key] === other[key])
