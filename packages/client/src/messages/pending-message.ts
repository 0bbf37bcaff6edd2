import type { Message, Problem } from '@finnigram/contracts'
import type { OutboxEntry } from './outbox-entry.ts'

/** A message that waits on this device, in the shape of a stored one. */
export interface PendingMessage extends Omit<Message, 'seq' | 'version'> {
  seq: null
  version: null
  /** `saving`: about to be kept on this device. `waiting`: kept, as well as this device keeps anything; where it has no disk, or a full one, in memory. */
  localState: 'saving' | 'waiting' | 'failed'
  /** Why it failed. */
  problem?: Problem
  /** The message it answers. */
  replyToId?: string
}

/** How a waiting message looks in the list. */
export function toPendingMessage(entry: OutboxEntry, senderId: string): PendingMessage {
  return {
    id: entry.id,
    conversationId: entry.conversationId,
    seq: null,
    version: null,
    senderId,
    kind: 'text',
    text: entry.text,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    system: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: entry.createdAt,
    localState: entry.state === 'stored' ? 'waiting' : entry.state,
    ...(entry.problem === undefined ? {} : { problem: entry.problem }),
    ...(entry.replyToId === undefined ? {} : { replyToId: entry.replyToId }),
  }
}
