import { type Message, newId, type SystemNotice } from '@finnigram/contracts'
import type { LockedConversation } from '../conversations/change-conversation.ts'

const insert = `WITH placed AS (
  UPDATE conversations SET last_seq = last_seq + 1, last_activity_at = $5 WHERE id = $2 RETURNING last_seq
)
INSERT INTO messages (id, conversation_id, seq, version, sender_id, kind, system, created_at)
SELECT $1, $2, placed.last_seq, $3, $4, 'system', $6::jsonb, $5 FROM placed
RETURNING seq`

/**
 * Adds a system message to the conversation, with its `message.created`. The actor is its sender.
 * Afterwards `conversation.lastSeq` is its `seq`: people who join by the same change join after it.
 */
export async function insertSystemMessage(
  { tx, conversation, log }: LockedConversation,
  system: SystemNotice,
): Promise<Message> {
  const id = newId()
  const version = log.version + 1
  const { rows } = await tx.query<{ seq: number }>(insert, [
    id,
    conversation.id,
    version,
    log.actorId,
    log.at,
    JSON.stringify(system),
  ])
  const [placed] = rows
  if (!placed) throw new Error('The conversation is gone under its lock')
  conversation.lastSeq = placed.seq
  const message: Message = {
    id,
    conversationId: conversation.id,
    seq: placed.seq,
    version,
    senderId: log.actorId,
    kind: 'system',
    text: null,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    system,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: log.at,
  }
  log.emit('message.created', { message })
  return message
}
