import type { Message } from '@finnigram/contracts'
import type { MessageRow } from './message-row.ts'

/** A stored message as everyone sees it now who was in its conversation from the start. For events; an answer carries what `toReadMessage` makes. */
export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversationId,
    seq: row.seq,
    version: row.version,
    senderId: row.senderId,
    kind: row.kind,
    text: row.text,
    attachments: row.attachments,
    replyTo: row.replyTo,
    forwardOf: row.forwardOf,
    mentions: row.mentions,
    mentionsAll: row.mentionsAll,
    system: row.system,
    reactions: row.reactions,
    editedAt: row.editedAt?.toISOString() ?? null,
    deletedAt: row.deletedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}
