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
    mediaType: z
      .string()
      .describe(
        'A text that is not UTF-8 has a charset. Of a picture: where it is not JPEG, PNG, WebP or GIF (a HEIC), show its thumbnail',
      ),
    size: z.int(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    thumbHash: z.string().nullable(),
  })
  .meta({ id: 'Attachment' })
export type Attachment = z.infer<typeof Attachment>

export const ReplyPreview = z
  .object({ id: MessageId, seq: Seq, senderId: UserId, excerpt: z.string() })
  .meta({
    id: 'ReplyPreview',
    description:
      'The message answered to, as the answer shows it. The excerpt is empty where that was deleted, and for readers who joined after it (`seq` up to their `joinedSeq`)',
  })

export const Reaction = z.object({ emoji: z.string(), userIds: z.array(UserId) }).meta({ id: 'Reaction' })
export type Reaction = z.infer<typeof Reaction>

/** What a system message tells; clients put it into the reader's words. */
export const SystemNotice = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('participants.added'),
      userIds: z.array(UserId).describe('The first 100'),
      count: z.int(),
    }),
    z.object({ type: z.literal('participant.joined') }).describe('By an invite; the sender is who joined'),
    z.object({ type: z.literal('participant.left') }),
    z.object({ type: z.literal('participant.removed'), userId: UserId }),
    z.object({
      type: z.literal('participant.role_changed'),
      userId: UserId,
      role: z.enum(['owner', 'admin', 'member']),
    }),
    z.object({ type: z.literal('conversation.renamed'), title: z.string() }),
    z.object({ type: z.literal('conversation.avatar_changed') }),
    z.object({ type: z.literal('message.pinned'), messageId: MessageId, seq: Seq }),
  ])
  .meta({ id: 'SystemNotice' })
export type SystemNotice = z.infer<typeof SystemNotice>

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
    forwardOf: MessageId.nullable().describe(
      'The message that was passed on as it stood; null once the text is edited',
    ),
    mentions: z.array(UserId).describe('People named with @username who take part'),
    mentionsAll: z.boolean().describe('An owner or admin wrote @all'),
    system: SystemNotice.nullable().describe('Only of system messages, whose `text` is null'),
    reactions: z.array(Reaction),
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Message' })
export type Message = z.infer<typeof Message>

/** Attachments of one message. */
export const maxAttachments = 10

const newMessage = {
  id: NewMessageId,
  text: MessageText.optional(),
  attachmentIds: z
    .array(z.uuid().overwrite((id) => id.toLowerCase()))
    .max(maxAttachments)
    .optional()
    .describe('Finished uploads of mine, in the order to show'),
  replyToId: MessageId.optional().describe(
    'A message of this conversation that I can see; of one that was deleted nothing is quoted',
  ),
  forwardOf: MessageId.optional().describe(
    'A message I can see; without `text` and `attachmentIds` its own are sent again, with others than its own it is a message of mine, and no forward',
  ),
}

const hasContent = ({ text, attachmentIds, forwardOf }: { [K in keyof typeof newMessage]?: unknown }) =>
  text !== undefined || forwardOf !== undefined || (Array.isArray(attachmentIds) && attachmentIds.length > 0)
const withoutContent = { path: ['text'], message: 'Give a text, attachments, or a message to forward' }

/** A message to send. Sending the same `id` again is safe. */
export const NewMessage = z.object(newMessage).refine(hasContent, withoutContent).meta({ id: 'NewMessage' })
export type NewMessage = z.infer<typeof NewMessage>

/** The same, with the conversation it goes to. */
export const NewMessageIn = z
  .object({ ...newMessage, conversationId: ConversationId })
  .refine(hasContent, withoutContent)
  .meta({ id: 'NewMessageIn', description: 'A message to send, with the conversation it goes to' })
export type NewMessageIn = z.infer<typeof NewMessageIn>

/** The same, as a realtime node passes it on for a person. */
export const NewMessageOf = z
  .object({
    ...newMessage,
    conversationId: ConversationId,
    senderId: UserId,
    requestId: z.string().max(128).optional(),
  })
  .refine(hasContent, withoutContent)

/** One emoji as people see it: one RGI sequence (UTS #51). */
export const Emoji = z
  .string()
  .max(64)
  .refine((value) => oneEmoji().test(value), 'Must be one emoji')
/**
 * Compiled when first asked for: an engine without the flag (Hermes) must still load this module.
 */
let rgiEmoji: RegExp | undefined
const setNotation = 'v'
const oneEmoji = () => {
  rgiEmoji ??= new RegExp(String.raw`^\p{RGI_Emoji}$`, setNotation)
  return rgiEmoji
}
/** Different emoji on one message. */
export const maxReactionEmoji = 20
