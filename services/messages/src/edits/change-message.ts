import { type Actor, AppError } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { type Change, changeConversation } from '../conversations/change-conversation.ts'
import type { MessageRow } from '../history/message-row.ts'
import { messageColumns } from '../history/message-row.ts'
import { isReadable } from '../history/to-read-message.ts'

/** Changes a message, or what hangs on it, under the lock of its conversation. Throws `not_found` for who cannot see it. */
export async function changeMessage<T>(
  ctx: MessagesContext,
  { actor, messageId }: { actor: Actor; messageId: string },
  work: (change: Change, message: ReadableMessage) => Promise<T>,
): Promise<T> {
  // A message never leaves its conversation, so this may be read before the lock is taken.
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

/** A message as it is under its conversation's lock. */
export interface LockedMessage extends MessageRow {
  /** Versions of the events that carry its text: the one by which it came, and the last by which it changed. */
  textVersions: number[]
}

/** The same, for the actor, who came after `joinedSeq`. */
export interface ReadableMessage extends LockedMessage {
  joinedSeq: number
  leftVersion?: undefined
}

const select = `SELECT ${messageColumns}, p.joined_seq AS "joinedSeq", m.text_versions AS "textVersions" FROM messages m
JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}`

/** A message of the conversation that is being changed, from the actor's time there. Throws `not_found`. */
async function requireMessage(
  { tx, log }: Pick<Change, 'tx' | 'log'>,
  messageId: string,
): Promise<ReadableMessage> {
  const { rows } = await tx.query<ReadableMessage>(select, [messageId, log.actorId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}
