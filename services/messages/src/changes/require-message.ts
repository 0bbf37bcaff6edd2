import { AppError } from '@finnigram/service-kit'
import type { Change } from '../conversations/change-conversation.ts'
import { type MessageRow, messageColumns } from '../history/message-row.ts'

/** A message as it is under its conversation's lock. */
export interface LockedMessage extends MessageRow {
  /** Versions of the events that carry its text: the one by which it came, and the last by which it changed. */
  textVersions: number[]
}

const select = `SELECT ${messageColumns}, m.text_versions AS "textVersions" FROM messages m
JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND p.left_version IS NULL AND m.seq > p.joined_seq`

/** A message of the conversation that is being changed, from the actor's time there. Throws `not_found`. */
export async function requireMessage(
  { tx, log }: Pick<Change, 'tx' | 'log'>,
  messageId: string,
): Promise<LockedMessage> {
  const { rows } = await tx.query<LockedMessage>(select, [messageId, log.actorId])
  const [message] = rows
  if (!message) throw new AppError('not_found')
  return message
}
