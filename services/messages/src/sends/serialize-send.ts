import { type Message, streamPartitions } from '@finnigram/contracts'
import { partitionOf } from '@finnigram/service-kit'
import type { ResolvedSend } from './resolve-references.ts'

/** One element of the input of `send_messages`. What a plain text does not have is left out. */
export interface SerializedSend {
  id: string
  conversation_id: string
  sender_id: string
  body: string | null
  created_at: string
  /** The inside of the message's JSON without `seq` and `version`, known only under the lock. */
  message_rest: string
  /** The inside of its event's JSON without `version` and `data`. */
  event_rest: string
  partition: number
  request_id: string | undefined
  /** Store nothing; only look whether it is stored already. */
  refused: true | undefined
  /** JSON text, as is `attachments`. */
  reply_to: string | undefined
  reply_to_id: string | undefined
  reply_edition: number | null | undefined
  forward_of: string | undefined
  attachments: string | undefined
  attachment_ids: string[] | undefined
  mentions: string[] | undefined
  mentions_all: true | undefined
  /** Whose count of unread mentions goes up. */
  told: string[] | undefined
  has_link: true | undefined
}

/** Serializes a send once. The same JSON goes to sender, event log, stream and sockets. */
export function serializeSend(resolved: ResolvedSend, at: string): SerializedSend {
  const { send, text, attachments, replied, forwardOf } = resolved
  const { mentions, mentionsAll, notified, hasLink, errors } = resolved
  const { id, conversationId, senderId, requestId } = send
  const message: Omit<Message, 'seq' | 'version'> = {
    id,
    conversationId,
    senderId,
    kind: 'text',
    text,
    attachments,
    replyTo: replied?.preview ?? null,
    forwardOf: forwardOf ?? null,
    mentions,
    mentionsAll,
    system: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: at,
  }
  const hasAttachments = attachments.length > 0
  return {
    id,
    conversation_id: conversationId,
    sender_id: senderId,
    body: text,
    created_at: at,
    message_rest: inside(message),
    event_rest: inside({ type: 'message.created', at, conversationId, actorId: senderId }),
    partition: partitionOf(conversationId, streamPartitions.messages),
    request_id: requestId,
    refused: errors.length > 0 || undefined,
    reply_to: replied && JSON.stringify(replied.preview),
    reply_to_id: replied?.preview.id,
    reply_edition: replied?.edition,
    forward_of: forwardOf,
    attachments: hasAttachments ? JSON.stringify(attachments) : undefined,
    attachment_ids: hasAttachments ? attachments.map((one) => one.id) : undefined,
    mentions: mentions.length > 0 ? mentions : undefined,
    mentions_all: mentionsAll || undefined,
    told: notified.length > 0 ? notified : undefined,
    has_link: hasLink || undefined,
  }
}

/** The message's JSON, once its `seq` and `version` are known. */
export const messageJson = ({ message_rest: rest }: SerializedSend, seq: number, version: number): string =>
  `{"seq":${seq},"version":${version},${rest}}`

const inside = (value: object) => JSON.stringify(value).slice(1, -1)
