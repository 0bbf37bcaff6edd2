import { z } from 'zod'
import { ConversationId, MessageId, NewMessageId, UserId } from './ids.ts'
import { bodyText } from './text.ts'
import { Timestamp } from './time.ts'

export const MessageText = bodyText(8000).describe('At most 8000 characters, NFC')

/** Position in a conversation's messages: dense, from 1. */
export const Seq = z.int().min(0)
/** Position in a conversation's events: dense, from 1. */
export const Version = z.int().min(0)

export const Attachment = z
  .object({
    id: z.uuid(),
    kind: z.enum(['image', 'video', 'audio', 'file']),
    name: z.string(),
    mediaType: z.string(),
    size: z.int(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    thumbHash: z.string().nullable(),
  })
  .meta({ id: 'Attachment' })
export type Attachment = z.infer<typeof Attachment>

export const ReplyPreview = z
  .object({ id: MessageId, seq: Seq, senderId: UserId, excerpt: z.string() })
  .meta({ id: 'ReplyPreview', description: 'The message answered to, as the answer shows it' })

export const Reaction = z.object({ emoji: z.string(), userIds: z.array(UserId) }).meta({ id: 'Reaction' })
export type Reaction = z.infer<typeof Reaction>

export const Message = z
  .object({
    id: MessageId,
    conversationId: ConversationId,
    seq: Seq,
    version: Version.describe('Version of the event that last changed this message'),
    senderId: UserId,
    kind: z.enum(['text', 'system']),
    text: z.string().nullable(),
    attachments: z.array(Attachment),
    replyTo: ReplyPreview.nullable(),
    forwardOf: MessageId.nullable(),
    mentions: z.array(UserId),
    reactions: z.array(Reaction),
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Message' })
export type Message = z.infer<typeof Message>

/** A message to send. Sending the same `id` again is safe. */
export const NewMessage = z
  .object({
    id: NewMessageId,
    text: MessageText,
    replyToId: MessageId.optional(),
  })
  .meta({ id: 'NewMessage' })
export type NewMessage = z.infer<typeof NewMessage>

export const NewMessageIn = NewMessage.extend({ conversationId: ConversationId }).meta({
  id: 'NewMessageIn',
  description: 'A message to send, with the conversation it goes to',
})
export type NewMessageIn = z.infer<typeof NewMessageIn>
