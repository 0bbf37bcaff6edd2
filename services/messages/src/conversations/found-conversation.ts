import { newId, type PublicUser, type Role } from '@finnigram/contracts'
import { type Actor, withTransaction } from '@finnigram/service-kit'
import type pg from 'pg'
import type { MessagesContext } from '../context.ts'
import { openEventLog } from '../events/event-log.ts'
import { type ConversationRow, conversationColumns } from './conversation-row.ts'
import { loadParticipants, toShared } from './load-conversations.ts'

interface Founding {
  kind: 'direct' | 'group'
  title: string | null
  sharesHistory: boolean
  pairKey: string | null
  founders: readonly { user: PublicUser; role: Role }[]
}

/** Everyone who is there from the start came with the first event. */
const firstVersion = 1

/** Makes a conversation with its first people and its first event, and returns its id; `undefined` when another has its pair key. */
export async function foundConversation(
  { pool, relay }: MessagesContext,
  actor: Actor,
  founding: Founding,
): Promise<string | undefined> {
  const founded = await withTransaction(pool, async (tx) => {
    const row = await insertConversation(tx, actor, founding)
    if (!row) return undefined
    await insertFounders(tx, row.id, founding.founders)
    const participants = (await loadParticipants(tx, [row.id], actor.userId)).get(row.id) ?? []
    const log = openEventLog({ conversationId: row.id, actorId: actor.userId, version: 0 })
    const conversation = toShared({ ...row, version: firstVersion }, participants)
    const isWhole = participants.length === founding.founders.length
    log.tell('conversation.created', { conversation }, isWhole ? {} : { founders: idsOf(founding.founders) })
    return { id: row.id, partitions: await log.write(tx) }
  })
  if (founded) relay.wake(founded.partitions)
  return founded?.id
}

/** Waits for another transaction that is inserting the same pair key. */
async function insertConversation(
  tx: pg.PoolClient,
  actor: Actor,
  { kind, title, sharesHistory, pairKey, founders }: Founding,
): Promise<ConversationRow | undefined> {
  const { rows } = await tx.query<ConversationRow>(
    `INSERT INTO conversations AS c (id, kind, title, pair_key, created_by, participant_count, shares_history)
VALUES ($1, $2::conversation_kind, $3, $4, $5, $6, $7)
ON CONFLICT (pair_key) DO NOTHING
RETURNING ${conversationColumns}`,
    [newId(), kind, title, pairKey, actor.userId, founders.length, sharesHistory],
  )
  return rows[0]
}

async function insertFounders(tx: pg.PoolClient, id: string, founders: Founding['founders']): Promise<void> {
  await tx.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT $1, user_id, role::role, 0, ${firstVersion} FROM unnest($2::uuid[], $3::text[]) AS founder (user_id, role)`,
    [id, idsOf(founders), founders.map(({ role }) => role)],
  )
}

const idsOf = (founders: Founding['founders']) => founders.map(({ user }) => user.id)
