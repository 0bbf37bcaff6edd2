import { z } from 'zod'
import { ConversationId, MessageId, UserId } from '../ids.ts'
import { Emoji, Message, MessageText } from '../message.ts'
import { defineRoute, PageQuery, pageOf } from '../route.ts'
import { Instant, Timestamp } from '../time.ts'
import { inConversation } from './conversations.ts'

const ofMessage = z.object({ messageId: MessageId })

/** A text that stays as it is makes no event. */
export const editMessage = defineRoute({
  method: 'PATCH',
  path: '/v1/messages/:messageId',
  summary: 'Change the text of a message of mine',
  params: ofMessage,
  body: z.object({ text: MessageText }),
  reply: { 200: Message },
  errors: ['not_found', 'forbidden', 'conflict'],
})

/**
 * A tombstone keeps its `seq`; the text, the files and every earlier version go. Deleting it again
 * is 204.
 */
export const deleteMessage = defineRoute({
  method: 'DELETE',
  path: '/v1/messages/:messageId',
  summary: 'Delete a message for everyone (author, owner, admin)',
  params: ofMessage,
  reply: { 204: null },
  errors: ['not_found', 'forbidden'],
})

const reactionParams = ofMessage.extend({ emoji: Emoji })

export const addReaction = defineRoute({
  method: 'PUT',
  path: '/v1/messages/:messageId/reactions/:emoji',
  summary: 'React with an emoji; at most 20 different ones on a message',
  params: reactionParams,
  reply: { 204: null },
  errors: ['not_found', 'forbidden', 'conflict'],
})

export const removeReaction = defineRoute({
  method: 'DELETE',
  path: '/v1/messages/:messageId/reactions/:emoji',
  summary: 'Take a reaction of mine back',
  params: reactionParams,
  reply: { 204: null },
  errors: ['not_found'],
})

export const pinMessage = defineRoute({
  method: 'PUT',
  path: '/v1/messages/:messageId/pin',
  summary: 'Pin a message for everyone; at most 100 in a conversation',
  params: ofMessage,
  reply: { 204: null },
  errors: ['not_found', 'forbidden', 'conflict'],
})

export const unpinMessage = defineRoute({
  method: 'DELETE',
  path: '/v1/messages/:messageId/pin',
  summary: 'Unpin a message',
  params: ofMessage,
  reply: { 204: null },
  errors: ['not_found'],
})

export const PinnedMessage = Message.extend({ pinnedBy: UserId, pinnedAt: Timestamp }).meta({
  id: 'PinnedMessage',
})

export const listPins = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/pins',
  summary: 'Pinned messages, last pinned first',
  params: inConversation,
  query: PageQuery,
  reply: { 200: pageOf(PinnedMessage) },
  errors: ['not_found'],
})

export const starMessage = defineRoute({
  method: 'PUT',
  path: '/v1/messages/:messageId/star',
  summary: 'Keep a message among my stars',
  params: ofMessage,
  reply: { 204: null },
  errors: ['not_found', 'conflict'],
})

export const unstarMessage = defineRoute({
  method: 'DELETE',
  path: '/v1/messages/:messageId/star',
  summary: 'Take a message out of my stars',
  params: ofMessage,
  reply: { 204: null },
  errors: ['not_found'],
})

export const StarredMessage = Message.extend({ starredAt: Timestamp }).meta({ id: 'StarredMessage' })

/** Only of conversations I still take part in. */
export const listStars = defineRoute({
  method: 'GET',
  path: '/v1/stars',
  summary: 'My starred messages, last starred first',
  query: PageQuery,
  reply: { 200: pageOf(StarredMessage) },
})

export const Highlight = z
  .object({ start: z.int().min(0), end: z.int().min(0) })
  .meta({ id: 'Highlight', description: 'A part of the text that was searched for, in UTF-16 code units' })
export type Highlight = z.infer<typeof Highlight>

/**
 * Full text in several languages and parts of words, any script; only the present text of
 * conversations I take part in.
 */
export const searchMessages = defineRoute({
  method: 'GET',
  path: '/v1/search/messages',
  summary: 'Search my messages, newest first',
  query: PageQuery.extend({
    q: z.string().trim().min(1).max(200),
    conversationId: ConversationId.optional(),
    from: UserId.optional().describe('Who wrote it'),
    before: Instant.optional(),
    after: Instant.optional(),
    has: z.enum(['attachment', 'link']).optional(),
  }),
  reply: { 200: pageOf(z.object({ message: Message, highlights: z.array(Highlight) })) },
  errors: ['not_found'],
})
