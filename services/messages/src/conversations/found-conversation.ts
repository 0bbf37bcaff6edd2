import type { PublicUser, Role } from '@finnigram/contracts'
import { type Actor, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { openEventLog } from '../events/event-log.ts'
import { countInvitations } from '../invitations/invitation-metrics.ts'
import { invitePeople } from '../invitations/invite-people.ts'
import { sortByConsent } from '../invitations/sort-by-consent.ts'
import { toToldProfile } from '../people/shown-profile.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'
import { loadParticipants, toShared } from './load-conversations.ts'

interface Founding {
  id: string
  kind: 'direct' | 'group'
  title: string | null
  sharesHistory: boolean
  pairKey: string | null
  founders: readonly { user: PublicUser; role: Role }[]
  /** Whom the creator named, in the order of the request. */
  named: readonly string[]
}

/** Everyone who is there from the start came with the first event. */
const firstVersion = 1

/**
 * Makes a conversation with its first people and its first event, and returns its id; `undefined`
 * when another has it or its pair key. People of a group who want to be asked are invited instead.
 */
export async function foundConversation(
  { pool, relay, metrics, config }: MessagesContext,
  actor: Actor,
  founding: Founding,
): Promise<string | undefined> {
  const { id } = founding
  const scale = config.RATE_LIMIT_SCALE
  const founded = await withTransaction(pool, async (tx) => {
    const inserted = await insertConversation(tx, actor, founding)
    if (!inserted) return undefined
    const by = { scale, actorId: actor.userId, conversationId: id }
    const { founders, asked, leftOut } = await chooseFounders(tx, founding, by)
    const row = { ...inserted, participantCount: founders.length }
    await insertFounders(tx, row, founders)
    const shown = (await loadParticipants(tx, [row.id], actor.userId)).get(row.id) ?? []
    const participants = shown.map((one) => ({ ...one, user: toToldProfile(one.user) }))
    const log = openEventLog({ conversationId: row.id, actorId: actor.userId, version: 0 })
    const conversation = toShared({ ...row, version: firstVersion }, participants)
    const isWhole = participants.length === founders.length
    log.emit('conversation.created', { conversation }, isWhole ? {} : { founders: idsOf(founders) })
    await invitePeople({ tx, conversation: row, log }, { userIds: asked, scale })
    return { asked, leftOut, partitions: await log.write(tx) }
  })
  if (!founded) return undefined
  relay.wake(founded.partitions)
  countInvitations(metrics, 'sent', founded.asked.length)
  countInvitations(metrics, 'left_out', founded.leftOut.length)
  return id
}

/** Everyone of a direct conversation; of a group its owner, and those who let this person add them. */
async function chooseFounders(
  tx: pg.PoolClient,
  { kind, founders, named }: Founding,
  by: { scale: number; actorId: string; conversationId: string },
): Promise<{ founders: Founding['founders']; asked: string[]; leftOut: string[] }> {
  if (kind === 'direct') return { founders, asked: [], leftOut: [] }
  const userIds = idsOf(founders).filter((userId) => userId !== by.actorId)
  const { joining, ...rest } = await sortByConsent(tx, { ...by, userIds, named })
  const there = new Set([by.actorId, ...joining])
  return { ...rest, founders: founders.filter(({ user }) => there.has(user.id)) }
}

/**
 * Before anything is locked: it waits for another transaction that is inserting the same id or pair
 * key.
 */
async function insertConversation(
  tx: pg.PoolClient,
  actor: Actor,
  { id, kind, title, sharesHistory, pairKey, founders }: Founding,
): Promise<ConversationRow | undefined> {
  const { rows } = await tx.query<ConversationRow>(
    `INSERT INTO conversations AS c (id, kind, title, pair_key, created_by, participant_count, shares_history)
VALUES ($1, $2::conversation_kind, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
RETURNING ${conversationColumns}`,
    [id, kind, title, pairKey, actor.userId, founders.length, sharesHistory],
  )
  return rows[0]
}

/** Those who are asked first do not count. */
async function insertFounders(
  tx: pg.PoolClient,
  { id, participantCount }: ConversationRow,
  founders: Founding['founders'],
): Promise<void> {
  await tx.query(
    'UPDATE conversations SET participant_count = $2 WHERE id = $1 AND participant_count <> $2',
    [id, participantCount],
  )
  await tx.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT $1, user_id, role::role, 0, ${firstVersion} FROM unnest($2::uuid[], $3::text[]) AS founder (user_id, role)`,
    [id, idsOf(founders), founders.map(({ role }) => role)],
  )
}

const idsOf = (founders: Founding['founders']) => founders.map(({ user }) => user.id)
