import { type Message, streamPartitions } from '@finnigram/contracts'
import { partitionOf } from '@finnigram/service-kit'
import type { PreparedSend } from './prepare-sends.ts'

/** One element of what the database function `send_messages` takes; what a plain text does not have is left out. */
export interface WrittenSend {
  id: string
  conversation_id: string
  sender_id: string
  body: string | null
  created_at: string
  /** The inside of the message's JSON without `seq` and `version`, which only the lock can tell. */
  message_rest: string
  /** The inside of its event's JSON without `version` and `data`. */
  event_rest: string
  partition: number
  request_id: string | undefined
  /** Store nothing; only tell whether it is stored already. */
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
  told: string[] | undefined
  has_link: true | undefined
}

/** Writes a send as JSON once; the same text goes to the sender, the archive of events, the stream and the sockets. */
export function writeSend(prepared: PreparedSend, at: string): WrittenSend {
  const { send, text, attachments, replied, forwardOf, mentions, mentionsAll, told, hasLink, errors } =
    prepared
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
    told: told.length > 0 ? told : undefined,
    has_link: hasLink || undefined,
  }
}

/** The message's JSON, now that its place is known. */
export const writtenMessage = ({ message_rest: rest }: WrittenSend, seq: number, version: number): string =>
  `{"seq":${seq},"version":${version},${rest}}`

const inside = (value: object) => JSON.stringify(value).slice(1, -1)
