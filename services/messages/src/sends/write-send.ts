import { type Message, streamPartitions } from '@finnigram/contracts'
import { partitionOf } from '@finnigram/service-kit'
import type { NewSend } from './new-send.ts'

/** One element of what the database function `send_messages` takes. */
export interface WrittenSend {
  id: string
  conversation_id: string
  sender_id: string
  body: string | null
  reply_to: string | null
  /** Store nothing; only tell whether it is stored already. */
  refused: boolean
  created_at: string
  /** The inside of the message's JSON without `seq` and `version`, which only the lock can tell. */
  message_rest: string
  /** The inside of its event's JSON without `version` and `data`. */
  event_rest: string
  partition: number
  request_id: string | null
}

/** Writes a send as JSON once; the same text goes to the sender, the archive of events, the stream and the sockets. */
export function writeSend(send: NewSend, replyTo: Message['replyTo'] | undefined, at: string): WrittenSend {
  const { id, conversationId, senderId, text, replyToId, requestId } = send
  const message: Omit<Message, 'seq' | 'version'> = {
    id,
    conversationId,
    senderId,
    kind: 'text',
    text: text ?? null,
    attachments: [],
    replyTo: replyTo ?? null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    system: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: at,
  }
  return {
    id,
    conversation_id: conversationId,
    sender_id: senderId,
    body: text ?? null,
    reply_to: replyTo ? JSON.stringify(replyTo) : null,
    refused: replyToId !== undefined && !replyTo,
    created_at: at,
    message_rest: inside(message),
    event_rest: inside({ type: 'message.created', at, conversationId, actorId: senderId }),
    partition: partitionOf(conversationId, streamPartitions.messages),
    request_id: requestId ?? null,
  }
}

/** The message's JSON, now that its place is known. */
export const writtenMessage = ({ message_rest: rest }: WrittenSend, seq: number, version: number): string =>
  `{"seq":${seq},"version":${version},${rest}}`

const inside = (value: object) => JSON.stringify(value).slice(1, -1)
