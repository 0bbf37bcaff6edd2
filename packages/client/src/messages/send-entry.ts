import type { Message } from '@finnigram/contracts'
import { isRefusal } from '../api/problems.ts'
import type { Transport } from '../connection/transport.ts'
import type { Replica } from '../replica/replica.ts'
import type { OutboxEntry } from './outbox-entry.ts'

/** Sends one entry, unless another tab did; what becomes of it is kept before anyone goes on. Throws when it is not known whether the server has it. */
export async function sendEntry(
  { replica, transport }: { replica: Replica; transport: Transport },
  entry: OutboxEntry,
): Promise<void> {
  if (!(await isStillWaiting(replica, entry))) return
  const { id, conversationId, text, replyToId } = entry
  try {
    const message = { id, text, ...(replyToId === undefined ? {} : { replyToId }) }
    await keepStored(replica, entry, await transport.sendMessage(conversationId, message))
  } catch (error) {
    if (!isRefusal(error)) throw error
    await keep(replica, { ...entry, state: 'failed', problem: error.problem })
  }
}

/** The store is shared by all tabs, and knows what another one sent, gave up or was refused. */
function isStillWaiting(replica: Replica, entry: OutboxEntry): Promise<boolean> {
  return replica.transact(async (transaction, database) => {
    const stored = await database.get('outbox', entry.id)
    if (stored?.state === 'waiting') return replica.memory.outbox.has(entry.id)
    if (stored) transaction.putOutbox(stored)
    else transaction.deleteOutbox(entry)
    return false
  })
}

/** The event brings the message into its place; until then the answer stands in for it. */
function keepStored(replica: Replica, entry: OutboxEntry, message: Message): Promise<void> {
  return replica.transact((transaction) => {
    const lastSeq = transaction.conversation(entry.conversationId)?.conversation.lastSeq ?? 0
    if (message.seq <= lastSeq) transaction.deleteOutbox(entry)
    else if (replica.memory.outbox.has(entry.id))
      transaction.putOutbox({ ...entry, state: 'stored', message })
  })
}

/** An entry that was given up while it was on the way stays away. */
function keep(replica: Replica, entry: OutboxEntry): Promise<void> {
  return replica.transact((transaction) => {
    if (replica.memory.outbox.has(entry.id)) transaction.putOutbox(entry)
  })
}
