import type { PublicUser, Role } from '@finnigram/contracts'
import { type Actor, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { WithConfig, WithMetrics, WithPool, WithRelay } from '../deps.ts'
import { openEventLog } from '../events/event-log.ts'
import { toEventProfile } from '../people/shown-profile.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'
import { countInvitations, invitePeople } from './invitations/invite-people.ts'
import { partitionByConsent } from './invitations/partition-by-consent.ts'
import { loadParticipants, toShared } from './load-conversations.ts'

interface NewConversationRecord {
  id: string
  kind: 'direct' | 'group'
  title: string | null
  sharesHistory: boolean
  pairKey: string | null
  /** The creator and everyone to add; of a group some may be invited instead. */
  members: readonly { user: PublicUser; role: Role }[]
  /** User ids in the order of the request, for the paths of errors. */
  requestedIds: readonly string[]
}

/** The first members join with the first event. */
const firstVersion = 1

/**
 * Inserts a conversation with its first members and its first event, and returns its id. Returns
 * `undefined` when the id or the pair key exists. Whoever wants to be asked before joining a group
 * is invited.
 */
export async function insertConversation(
  { pool, relay, metrics, config }: WithPool & WithRelay & WithMetrics & WithConfig<'RATE_LIMIT_SCALE'>,
  actor: Actor,
  record: NewConversationRecord,
): Promise<string | undefined> {
  const { id } = record
  const scale = config.RATE_LIMIT_SCALE
  const inserted = await withTransaction(pool, async (tx) => {
    const conversationRow = await insertConversationRow(tx, actor, record)
    if (!conversationRow) return undefined
    const by = { scale, actorId: actor.userId, conversationId: id }
    const { members, asked, leftOut } = await chooseMembers(tx, record, by)
    const row = { ...conversationRow, participantCount: members.length }
    await insertMembers(tx, row, members)
    const shown = (await loadParticipants(tx, [row.id], actor.userId)).get(row.id) ?? []
    const participants = shown.map((one) => ({ ...one, user: toEventProfile(one.user) }))
    const log = openEventLog({ conversationId: row.id, actorId: actor.userId, version: 0 })
    const conversation = toShared({ ...row, version: firstVersion }, participants)
    const isComplete = participants.length === members.length
    log.emit('conversation.created', { conversation }, isComplete ? {} : { founders: idsOf(members) })
    await invitePeople({ tx, conversation: row, log }, { userIds: asked, scale })
    return { asked, leftOut, partitions: await log.write(tx) }
  })
  if (!inserted) return undefined
  relay.wake(inserted.partitions)
  countInvitations(metrics, 'sent', inserted.asked.length)
  countInvitations(metrics, 'left_out', inserted.leftOut.length)
  return id
}

type Members = NewConversationRecord['members']

/** Everyone of a direct conversation; of a group its owner and those whom the owner may add. */
async function chooseMembers(
  tx: pg.PoolClient,
  { kind, members, requestedIds }: NewConversationRecord,
  by: { scale: number; actorId: string; conversationId: string },
): Promise<{ members: Members; asked: string[]; leftOut: string[] }> {
  if (kind === 'direct') return { members, asked: [], leftOut: [] }
  const userIds = idsOf(members).filter((userId) => userId !== by.actorId)
  const { joining, ...rest } = await partitionByConsent(tx, { ...by, userIds, requestedIds })
  const chosen = new Set([by.actorId, ...joining])
  return { ...rest, members: members.filter(({ user }) => chosen.has(user.id)) }
}

/**
 * Comes before all locks, because it waits for a transaction that inserts the same id or pair key.
 */
async function insertConversationRow(
  tx: pg.PoolClient,
  actor: Actor,
  { id, kind, title, sharesHistory, pairKey, members }: NewConversationRecord,
): Promise<ConversationRow | undefined> {
  const { rows } = await tx.query<ConversationRow>(
    `INSERT INTO conversations AS c (id, kind, title, pair_key, created_by, participant_count, shares_history)
VALUES ($1, $2::conversation_kind, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
RETURNING ${conversationColumns}`,
    [id, kind, title, pairKey, actor.userId, members.length, sharesHistory],
  )
  return rows[0]
}

/** Corrects the count too, because invited people do not count. */
async function insertMembers(
  tx: pg.PoolClient,
  { id, participantCount }: ConversationRow,
  members: Members,
): Promise<void> {
  await tx.query(
    'UPDATE conversations SET participant_count = $2 WHERE id = $1 AND participant_count <> $2',
    [id, participantCount],
  )
  await tx.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT $1, user_id, role::role, 0, ${firstVersion} FROM unnest($2::uuid[], $3::text[]) AS member (user_id, role)`,
    [id, idsOf(members), members.map(({ role }) => role)],
  )
}

const idsOf = (members: Members) => members.map(({ user }) => user.id)
