import type { Message } from '@finnigram/contracts'

/** The columns of `messages`, aliased `m`, that make a `Message`. */
export const messageColumns = `m.id, m.conversation_id AS "conversationId", m.seq, m.version, m.sender_id AS "senderId", m.kind,
  m.text, m.reply_to AS "replyTo", m.forward_of AS "forwardOf", m.attachments, m.mentions, m.mentions_all AS "mentionsAll",
  m.system, m.reactions, m.edited_at AS "editedAt", m.deleted_at AS "deletedAt",
  m.created_at AS "createdAt"`

export interface MessageRow {
  id: string
  conversationId: string
  seq: number
  version: number
  senderId: string
  kind: Message['kind']
  text: string | null
  replyTo: Message['replyTo']
  forwardOf: string | null
  attachments: Message['attachments']
  mentions: string[]
  mentionsAll: boolean
  system: Message['system']
  reactions: Message['reactions']
  editedAt: Date | null
  deletedAt: Date | null
  createdAt: Date
}

/**
 * A stored message as participants from the beginning see it now, for events. Responses use
 * `toReadMessage` instead, which decides what one reader may see.
 */
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

/** Stands in `mentions.user_id` for all participants: the message mentions @all. */
export const everyone = '00000000-0000-0000-0000-000000000000'
