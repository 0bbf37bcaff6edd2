import { type Actor, AppError } from '@finnigram/service-kit'
import { type Change, changeConversation } from '../conversations/change-conversation.ts'
import type { WithPool, WithRelay } from '../deps.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { isReadable } from '../history/message-visibility.ts'

/**
 * Changes of a message after it was sent: edit, deletion, reactions and pins. Each runs under the
 * lock of the conversation (`change-conversation.ts`) and emits its event in the same transaction.
 * Stars are personal, and take no such lock (`stars.ts`).
 *
 * Promise: what was edited or deleted is nowhere to be read after the commit. Old texts leave
 * history, earlier events and the quotes in replies (`store-edits.ts`, `update-quotes.ts`). Members
 * who joined after a message never get it by its later change.
 *
 * Throws `not_found` for everybody who cannot read the message.
 */
export async function changeMessage<T>(
  ctx: WithPool & WithRelay,
  { actor, messageId }: { actor: Actor; messageId: string },
  work: (change: Change, message: ReadableMessage) => Promise<T>,
): Promise<T> {
  // A message never moves to another conversation, so this needs no lock.
  const { rows } = await ctx.pool.query<{ id: string }>(
    'SELECT conversation_id AS id FROM messages WHERE id = $1',
    [messageId],
  )
  const [conversation] = rows
  if (!conversation) throw new AppError('not_found')
  return changeConversation(ctx, { actor, conversationId: conversation.id }, async (change) =>
    work(change, await requireMessage(change, messageId)),
  )
}

/** A message under the lock of its conversation. */
export interface LockedMessage extends MessageRow {
  /** Versions of the events that carry its text: its first one, and the last edit. */
  textVersions: number[]
}

/** The same, readable by the actor, who joined after `joinedSeq`. */
export interface ReadableMessage extends LockedMessage {
  joinedSeq: number
  leftVersion?: undefined
}

const select = `SELECT ${messageColumns}, p.joined_seq AS "joinedSeq", m.text_versions AS "textVersions" FROM messages m
JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}`

/** The message, if the actor may read it. Throws `not_found`. */
async function requireMessage(
  { tx, log }: Pick<Change, 'tx' | 'log'>,
  messageId: string,
): Promise<ReadableMessage> {
  const { rows } = await tx.query<ReadableMessage>(select, [messageId, log.actorId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}
