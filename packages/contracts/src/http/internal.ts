import { z } from 'zod'
import { Conversation } from '../conversation.ts'
import { ConversationId, MessageId, UserId } from '../ids.ts'
import { Attachment, Message, NewMessageOf, Seq, Version } from '../message.ts'
import { Problem } from '../problem.ts'
import { aFile, defineRoute } from '../route.ts'
import { Timestamp } from '../time.ts'
import { SendResult } from './messages.ts'

/** Sends that realtime nodes took over their sockets; the token of the person was checked there. */
export const internalSends = defineRoute({
  method: 'POST',
  path: '/internal/sends',
  summary: 'Send messages for people',
  auth: 'internal',
  body: z.object({
    sends: z.array(NewMessageOf).min(1).max(200),
  }),
  reply: { 200: z.object({ results: z.array(SendResult) }) },
})

export const internalMemberships = defineRoute({
  method: 'POST',
  path: '/internal/memberships',
  summary: 'The conversations of people',
  auth: 'internal',
  body: z.object({
    userIds: z.array(UserId).min(1).max(500),
    mayBePartial: z
      .boolean()
      .optional()
      .describe('Whoever does not fit may be left out, at least one is there: ask again for the others'),
  }),
  reply: {
    200: z.object({
      items: z.array(
        z.object({
          userId: UserId,
          conversations: z.array(z.object({ id: ConversationId, joinedVersion: Version })),
        }),
      ),
    }),
  },
})

export const internalMarkers = defineRoute({
  method: 'POST',
  path: '/internal/markers',
  summary: 'Move markers for people',
  auth: 'internal',
  body: z.object({
    markers: z
      .array(
        z.object({
          userId: UserId,
          conversationId: ConversationId,
          kind: z.enum(['read', 'delivered']),
          seq: z.int().min(0),
        }),
      )
      .min(1)
      .max(500),
  }),
  reply: { 200: z.object({ results: z.array(z.object({ ok: z.boolean(), error: Problem.optional() })) }) },
})

/** For what people show to their contacts only. */
export const lookupContacts = defineRoute({
  method: 'POST',
  path: '/internal/contacts/lookup',
  summary: 'Of these people, those whose contact the person is',
  auth: 'internal',
  body: z.object({ userId: UserId, of: z.array(UserId).max(500) }),
  reply: { 200: z.object({ userIds: z.array(UserId) }) },
})

const ofPerson = { auth: 'internal', params: z.object({ userId: UserId }) } as const
const afterMessage = z.object({ after: MessageId.optional() })

/** For the export of a person's data: their conversations, and page by page what they wrote. */
export const exportConversations = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/conversations',
  summary: 'The conversations of a person',
  ...ofPerson,
  query: z.object({ after: ConversationId.optional() }),
  reply: { 200: z.object({ items: z.array(Conversation), nextAfter: ConversationId.nullable() }) },
})

export const exportMessages = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/messages',
  summary: 'What a person wrote, conversation by conversation',
  ...ofPerson,
  query: afterMessage,
  reply: { 200: z.object({ items: z.array(Message), nextAfter: MessageId.nullable() }) },
})

export const exportStars = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/stars',
  summary: 'What a person starred, by message id',
  ...ofPerson,
  query: afterMessage,
  reply: {
    200: z.object({
      items: z.array(
        z.object({ messageId: MessageId, conversationId: ConversationId, starredAt: Timestamp }),
      ),
      nextAfter: MessageId.nullable(),
    }),
  },
})

export const exportReactions = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/reactions',
  summary: 'The reactions a person gave, conversation by conversation; a page may be empty and not the last',
  ...ofPerson,
  query: afterMessage,
  reply: {
    200: z.object({
      items: z.array(
        z.object({ messageId: MessageId, conversationId: ConversationId, seq: Seq, emoji: z.string() }),
      ),
      nextAfter: MessageId.nullable(),
    }),
  },
})

export const exportAttachments = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/attachments',
  summary: 'The files a person uploaded, by id',
  ...ofPerson,
  query: z.object({ after: z.uuid().optional() }),
  reply: { 200: z.object({ items: z.array(Attachment), nextAfter: z.uuid().nullable() }) },
})

export const exportAttachment = defineRoute({
  method: 'GET',
  path: '/internal/people/:userId/attachments/:attachmentId',
  summary: 'A file a person uploaded',
  auth: 'internal',
  params: z.object({ userId: UserId, attachmentId: z.uuid() }),
  reply: { 200: aFile('application/octet-stream') },
  errors: ['not_found'],
})

const PushMessage = z.object({
  id: MessageId,
  seq: Seq,
  senderId: UserId,
  senderName: z.string(),
  text: z.string().max(300).nullable().describe('Its beginning; null where there is none'),
  attachments: z.array(z.object({ kind: z.string(), name: z.string() })),
  at: Timestamp,
})
export type PushMessage = z.infer<typeof PushMessage>

/**
 * What of some messages calls one person: unread, not their own, not of somebody they blocked,
 * allowed by their mutes and `notify`.
 */
const PushRecipient = z.object({
  userId: UserId,
  count: z.int().min(1),
  firstSeq: Seq,
  lastSeq: Seq,
  mentioned: z.boolean(),
})
export type PushRecipient = z.infer<typeof PushRecipient>

/**
 * Whom messages call, among the `reachable`: as things stand now, a few seconds after they were
 * sent.
 */
export const listPushRecipients = defineRoute({
  method: 'POST',
  path: '/internal/push/recipients',
  summary: 'Whom new messages call',
  auth: 'internal',
  body: z.object({
    conversations: z
      .array(z.object({ conversationId: ConversationId, fromSeq: Seq, toSeq: Seq }))
      .min(1)
      .max(200),
  }),
  reply: {
    200: z.object({
      items: z.array(
        z.object({
          conversationId: ConversationId,
          kind: z.enum(['direct', 'group']),
          title: z.string().nullable(),
          messages: z.array(PushMessage).describe('The last one of each recipient, of those the newest 20'),
          recipients: z.array(PushRecipient),
        }),
      ),
    }),
  },
})

/**
 * Unread messages over all conversations that are neither muted nor archived: what stands on an
 * app's icon.
 */
export const countBadges = defineRoute({
  method: 'POST',
  path: '/internal/push/badges',
  summary: 'What is unread of people',
  auth: 'internal',
  body: z.object({ userIds: z.array(UserId).min(1).max(500) }),
  reply: { 200: z.object({ items: z.array(z.object({ userId: UserId, unread: z.int().min(0) })) }) },
})
