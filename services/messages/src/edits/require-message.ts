import { AppError } from '@finnigram/service-kit'
import type { Change } from '../conversations/change-conversation.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'
import { isReadable } from '../history/to-read-message.ts'

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
export async function requireMessage(
  { tx, log }: Pick<Change, 'tx' | 'log'>,
  messageId: string,
): Promise<ReadableMessage> {
  const { rows } = await tx.query<ReadableMessage>(select, [messageId, log.actorId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}
