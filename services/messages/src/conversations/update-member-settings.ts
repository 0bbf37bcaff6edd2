import type { ConversationMe, ConversationMeChange } from '@finnigram/contracts'
import { type Actor, AppError, withTransaction } from '@finnigram/service-kit'
import type { Queryable, WithLimits, WithPool, WithRelay } from '../deps.ts'
import { emitAccountEvent } from '../events/account-events.ts'
import { consumeText } from '../text/consume-text.ts'
import { type MemberSettingsRow, meColumns, toMe } from './member-settings.ts'
import type { ParticipantKey } from './participants/participant-row.ts'

/**
 * Changes the caller's own settings and draft of a conversation, and emits the change to their
 * devices. Without a difference there is no event. A draft typed before the stored one is ignored.
 * Throws `not_found` or `rate_limited`.
 */
export async function updateMemberSettings(
  { pool, relay, limits }: WithPool & WithRelay & WithLimits,
  actor: Actor,
  {
    conversationId,
    draft,
    draftAgeMs,
    draftDevice,
    ...wanted
  }: ConversationMeChange & { conversationId: string },
): Promise<ConversationMe> {
  const key = { conversationId, userId: actor.userId }
  // A draft costs a quarter: it is sent often, and only to one's own devices.
  if (draft !== undefined) await consumeText({ limits }, actor.userId, { texts: [draft], share: 1 / 4 })
  const { me, partitions } = await withTransaction(pool, async (tx) => {
    const present = toMe(await lockMe(tx, key))
    const settings = { ...present, ...definedOf(wanted) }
    if (!isSame(present, settings)) await storeSettings(tx, key, settings)
    const typed = draft === undefined ? {} : await storeDraft(tx, key, { draft, draftAgeMs, draftDevice })
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

/** Locks the row until the commit, so that devices get its changes in order. */
async function lockMe(tx: Queryable, { conversationId, userId }: ParticipantKey): Promise<MemberSettingsRow> {
  await tx.query('SELECT FROM participants WHERE conversation_id = $1 AND user_id = $2 FOR NO KEY UPDATE', [
    conversationId,
    userId,
  ])
  const { rows } = await tx.query<MemberSettingsRow>(
    `SELECT ${meColumns} FROM participants p JOIN conversations c ON c.id = p.conversation_id
WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.left_version IS NULL`,
    [conversationId, userId],
  )
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return row
}

async function storeSettings(
  tx: Queryable,
  { conversationId, userId }: ParticipantKey,
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
 * Stores a draft unless the stored one was typed later; an empty draft deletes it. Returns what
 * changed, including the time if the device gave an age.
 */
async function storeDraft(
  tx: Queryable,
  { conversationId, userId }: ParticipantKey,
  { draft, draftAgeMs = null, draftDevice = null }: { [K in keyof TypedDraft]: TypedDraft[K] | null },
): Promise<Partial<Pick<ConversationMe, 'draft' | 'draftAt'>>> {
  const { rows } = await tx.query<{ draft: string | null; draftAt: Date }>({
    name: 'take-draft',
    text: updateDraft,
    values: [conversationId, userId, draft || null, draftAgeMs, draftDevice],
  })
  const [stored] = rows
  return stored ? { draft: stored.draft, draftAt: stored.draftAt.toISOString() } : {}
}

/**
 * The age of a draft includes the time its request took. Drafts of one device within these seconds
 * are therefore ordered by arrival: a device sends one after the other.
 */
const sameDeviceSeconds = 15

/**
 * Last writer wins by the time of typing, computed with the clock of the database, which all nodes
 * share. Within one millisecond the greater device name wins. The time only grows, so that a device
 * knows which of two answers is newer.
 */
const updateDraft = `UPDATE participants p SET draft = $3, draft_device = $5,
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
