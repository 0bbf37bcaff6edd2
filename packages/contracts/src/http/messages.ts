import { z } from 'zod'
import { Conversation, ConversationMe, Marker } from '../conversation.ts'
import { ConversationEvent } from '../events.ts'
import { ConversationId, MessageId } from '../ids.ts'
import { Message, NewMessage, Seq, Version } from '../message.ts'
import { Problem } from '../problem.ts'
import { defineRoute, Limit } from '../route.ts'
import { PublicUser } from '../user.ts'
import { inConversation } from './conversations.ts'

/** Sending the same `id` again is safe, for ever: 200 with the message first stored under it. */
export const sendMessage = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/messages',
  summary: 'Send a message',
  params: inConversation,
  body: NewMessage,
  reply: { 201: Message, 200: Message },
  errors: ['not_found', 'forbidden', 'message_id_taken'],
})

export const SendResult = z
  .object({ status: z.int(), message: Message.optional(), error: Problem.optional() })
  .meta({ id: 'SendResult', description: 'What became of one message of a batch' })
export type SendResult = z.infer<typeof SendResult>

/**
 * A device's queue in one call; one result per message, in order, and a bad one does not spoil the
 * rest.
 */
export const sendMessages = defineRoute({
  method: 'POST',
  path: '/v1/messages',
  summary: 'Send up to 100 messages',
  body: z.object({
    messages: z.array(z.unknown()).min(1).max(100).describe('Each a NewMessageIn, checked one by one'),
  }),
  reply: { 200: z.object({ items: z.array(SendResult) }) },
})

/**
 * At most one of `before`, `after`, `around`; none means the newest page. Items ascend by `seq`.
 */
export const listMessages = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/messages',
  summary: 'A page of history',
  params: inConversation,
  query: z.object({
    before: z.coerce.number().int().min(0).optional(),
    after: z.coerce.number().int().min(0).optional(),
    around: z.coerce.number().int().min(0).optional(),
    limit: Limit,
  }),
  reply: {
    200: z.object({ items: z.array(Message), lastSeq: Seq, hasBefore: z.boolean(), hasAfter: z.boolean() }),
  },
  errors: ['not_found'],
})

export const getMessage = defineRoute({
  method: 'GET',
  path: '/v1/messages/:messageId',
  summary: 'One message',
  params: z.object({ messageId: MessageId }),
  reply: { 200: Message },
  errors: ['not_found'],
})

const MarkerBody = z.object({ seq: z.int().min(0) })

/** Markers only move forward, and never past the last message. */
export const markRead = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/read',
  summary: 'I have read up to here',
  params: inConversation,
  body: MarkerBody,
  reply: { 204: null },
  errors: ['not_found'],
})

export const markDelivered = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/delivered',
  summary: 'My device has everything up to here',
  params: inConversation,
  body: MarkerBody,
  reply: { 204: null },
  errors: ['not_found'],
})

export const listEvents = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/events',
  summary: 'What happened after a version',
  params: inConversation,
  query: z.object({
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  reply: { 200: z.object({ items: z.array(ConversationEvent), hasMore: z.boolean() }) },
  errors: ['not_found', 'gone'],
})

export const SyncRequest = z.object({
  known: z.record(ConversationId, Version).describe('The version I have of each conversation'),
  since: z
    .string()
    .max(256)
    .optional()
    .describe('`cursor` of my last sync: also answers markers moved since'),
  range: z
    .object({
      after: z.uuid().nullable().optional().describe('Not included; null: from the first'),
      until: z.uuid().nullable().optional().describe('Included; null: to the last'),
    })
    .optional()
    .describe(
      'Only conversations with these ids are answered, also as new or `removed`: for more than about 2000, in pages',
    ),
})

export const SyncReply = z
  .object({
    conversations: z
      .array(Conversation)
      .describe('Those I did not know, those reset, and those that changed, as they are now'),
    events: z
      .record(ConversationId, z.array(ConversationEvent))
      .describe('What I lack of each known conversation, in version order'),
    reset: z
      .array(ConversationId)
      .describe('Known ones whose events are compacted: drop what is stored, take the conversation anew'),
    removed: z.array(ConversationId).describe('Known ones that I no longer take part in'),
    markers: z.array(Marker).describe('Markers moved since `since`'),
    me: z
      .array(z.object({ conversationId: ConversationId, me: ConversationMe }))
      .describe('My own settings and counts that changed since `since`'),
    invited: z
      .array(ConversationId)
      .optional()
      .describe('Groups that wait for my answer: `GET /v1/conversations?state=invited` shows them'),
    users: z
      .array(PublicUser)
      .optional()
      .describe(
        'Profiles that changed since `since`, of people I share a conversation with; some may be told again. The higher `version` wins',
      ),
    cursor: z.string(),
    more: z.boolean().describe('Apply this, then ask again'),
  })
  .meta({ id: 'SyncReply' })
export type SyncReply = z.infer<typeof SyncReply>

/** One call catches up any absence of up to 1000 events; more than that says `more`. */
export const sync = defineRoute({
  method: 'POST',
  path: '/v1/sync',
  summary: 'Everything that changed while I was away',
  body: SyncRequest,
  reply: { 200: SyncReply },
})
