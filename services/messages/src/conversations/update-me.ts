import type { ConversationMe, ConversationMeChange } from '@finnigram/contracts'
import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { emitAccountEvent } from '../events/account-events.ts'
import { consumeText } from '../text/consume-text.ts'
import type { Snapshot } from './load-conversations.ts'
import { type MeRow, meColumns, toMe } from './me-row.ts'

interface Place {
  conversationId: string
  userId: string
}

/**
 * Changes how a conversation stands for the caller, and tells the caller's other devices; what stays as it is tells
 * nothing. A draft that was typed before the one that is here changes nothing. Throws `not_found`.
 */
export async function updateMe(
  { pool, relay, limits }: MessagesContext,
  actor: Actor,
  {
    conversationId,
    draft,
    draftAgeMs,
    draftDevice,
    ...wanted
  }: ConversationMeChange & { conversationId: string },
): Promise<ConversationMe> {
  const place = { conversationId, userId: actor.userId }
  // Only one's own devices hear of a draft, and often.
  if (draft !== undefined) await consumeText({ limits }, actor.userId, { texts: [draft], share: 1 / 4 })
  const { me, partitions } = await withTransaction(pool, async (tx) => {
    const present = toMe(await lockMe(tx, place))
    const settings = { ...present, ...definedOf(wanted) }
    if (!isSame(present, settings)) await storeSettings(tx, place, settings)
    const typed = draft === undefined ? {} : await takeDraft(tx, place, { draft, draftAgeMs, draftDevice })
    const changed = { ...settings, ...typed }
    if (isSame(present, changed)) return { me: changed, partitions: [] }
    const data = { conversationId, me: changed }
    return {
      me: changed,
      partitions: await emitAccountEvent(tx, actor.userId, { type: 'conversation.me', data }),
    }
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

async function storeSettings(
  tx: Snapshot,
  { conversationId, userId }: Place,
  me: ConversationMe,
): Promise<void> {
  await tx.query(
    `UPDATE participants SET muted_until = $3, archived = $4, pinned = $5, notify = $6::notify, me_at = now()
WHERE conversation_id = $1 AND user_id = $2`,
    [conversationId, userId, me.mutedUntil, me.archived, me.pinned, me.notify],
  )
}

type TypedDraft = Pick<ConversationMeChange, 'draft' | 'draftAgeMs' | 'draftDevice'>

/**
 * Keeps a draft unless the one that is here was typed later; an empty draft is none. Answers what
 * changed: the time, too, where the age is told.
 */
async function takeDraft(
  tx: Snapshot,
  { conversationId, userId }: Place,
  { draft, draftAgeMs = null, draftDevice = null }: { [K in keyof TypedDraft]: TypedDraft[K] | null },
): Promise<Partial<Pick<ConversationMe, 'draft' | 'draftAt'>>> {
  const { rows } = await tx.query<{ draft: string | null; draftAt: Date }>({
    name: 'take-draft',
    text: take,
    values: [conversationId, userId, draft || null, draftAgeMs, draftDevice],
  })
  const [taken] = rows
  return taken ? { draft: taken.draft, draftAt: taken.draftAt.toISOString() } : {}
}

/**
 * The age of a draft includes the time its request took. Two drafts of one device that come within that many seconds are
 * therefore ordered by their coming: a device tells one after the other.
 */
const sameDeviceSeconds = 15

/**
 * The time when a draft was typed is computed by the clock of the database, which all nodes share. Of two devices in
 * the same millisecond the greater name wins, whichever comes first. The time only grows, so a device knows which of two answers is newer.
 */
const take = `UPDATE participants p SET draft = $3, draft_device = $5,
  draft_at = greatest(typed.at, CASE WHEN typed.at < p.draft_at OR p.draft_device IS NOT DISTINCT FROM $5
    THEN p.draft_at + interval '1 millisecond' END),
  me_at = now()
FROM (SELECT (clock_timestamp() - coalesce($4::float8, 0) * interval '1 millisecond')::timestamptz(3) AS at) typed
WHERE p.conversation_id = $1 AND p.user_id = $2 AND ($4 IS NOT NULL OR p.draft IS DISTINCT FROM $3) AND (
  p.draft_at IS NULL OR coalesce($4, 0) = 0 OR typed.at > p.draft_at
  OR (typed.at = p.draft_at AND coalesce($5, '') >= coalesce(p.draft_device, ''))
  OR (p.draft_device = $5 AND typed.at > p.draft_at - interval '${sameDeviceSeconds} seconds'))
RETURNING p.draft, p.draft_at AS "draftAt"`

type Settings = Omit<ConversationMeChange, keyof TypedDraft>

const definedOf = (settings: Settings): Partial<ConversationMe> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))

const isSame = (one: ConversationMe, other: ConversationMe) =>
  (['mutedUntil', 'archived', 'pinned', 'notify', 'draft', 'draftAt'] as const).every(
    (key) => one[key] === other[key],
  )
