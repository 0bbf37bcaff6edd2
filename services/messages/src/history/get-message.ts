import type { Message } from '@finnigram/contracts'
import { type Actor, AppError } from '@finnigram/service-kit'
import type { WithPool } from '../deps.ts'
import { type MessageRow, messageColumns } from './message-row.ts'
import { isReadable, toReadMessage } from './to-read-message.ts'

const select = `SELECT p.joined_seq AS "joinedSeq", ${messageColumns} FROM messages m
JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
WHERE m.id = $1 AND ${isReadable}`

/** One message that the reader may read. Throws `not_found`. */
export async function getMessage({ pool }: WithPool, actor: Actor, messageId: string): Promise<Message> {
  const { rows } = await pool.query<MessageRow & { joinedSeq: number }>({
    name: 'get-message',
    text: select,
    values: [messageId, actor.userId],
  })
  const [row] = rows
  if (!row) throw new AppError('not_found')
  return toReadMessage(row)
}
