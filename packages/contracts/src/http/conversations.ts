import { z } from 'zod'
import {
  Conversation,
  Description,
  GroupInvitation,
  maxParticipants,
  NewConversation,
  Participant,
  Role,
  Title,
} from '../conversation.ts'
import { ConversationId, UserId } from '../ids.ts'
import { defineRoute, PageQuery, pageOf } from '../route.ts'
import { PublicUser } from '../user.ts'

/** The path of everything inside a conversation. */
export const inConversation = z.object({ conversationId: ConversationId })

/**
 * The same `id` again answers 200 with the conversation made first, as does asking again for the
 * direct conversation of two people.
 */
export const createConversation = defineRoute({
  method: 'POST',
  path: '/v1/conversations',
  summary: 'Start a direct conversation or a group',
  body: NewConversation,
  reply: { 201: Conversation, 200: Conversation },
  errors: ['not_found', 'conflict', 'conversation_id_taken'],
})

export const listConversations = defineRoute({
  method: 'GET',
  path: '/v1/conversations',
  summary: 'My conversations, pinned first, then latest activity',
  query: PageQuery.extend({
    archived: z.stringbool().optional(),
    state: z
      .enum(['member', 'invited'])
      .optional()
      .describe('`invited`: groups that wait for my answer, newest first'),
  }),
  reply: { 200: pageOf(Conversation) },
})

export const getConversation = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId',
  summary: 'A conversation of mine, or what I may see of a group I am invited to',
  params: inConversation,
  reply: { 200: Conversation },
  errors: ['not_found'],
})

export const updateConversation = defineRoute({
  method: 'PATCH',
  path: '/v1/conversations/:conversationId',
  summary: 'Rename or describe a group, or share its history (owner, admin)',
  params: inConversation,
  body: z.object({
    title: Title.optional(),
    description: Description.nullable().optional(),
    sharesHistory: z.boolean().optional(),
  }),
  reply: { 200: Conversation },
  errors: ['not_found', 'forbidden'],
})

export const listParticipants = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/participants',
  summary: 'Who takes part',
  params: inConversation,
  query: PageQuery,
  reply: { 200: pageOf(Participant) },
  errors: ['not_found'],
})

/**
 * Who is unknown, or shares no conversation with me, is left out: those are asked of the users
 * service. Across a block only people with whom I am in a group now are answered, without their
 * `bio`.
 */
export const lookupParticipants = defineRoute({
  method: 'POST',
  path: '/v1/conversations/people/lookup',
  summary: 'People by id who take part in a conversation of mine, or did so in my time',
  body: z.object({ ids: z.array(UserId).max(100) }),
  reply: { 200: z.object({ items: z.array(PublicUser) }) },
})

/**
 * People who already take part are left as they are. Who lets only others add them, or left by
 * themselves, is invited. Who declined lately is left out; where that leaves nobody, the answer is
 * `conflict`.
 */
export const addParticipants = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/participants',
  summary: 'Add people to a group (owner, admin)',
  params: inConversation,
  body: z.object({ userIds: z.array(UserId).min(1).max(maxParticipants) }),
  reply: { 200: Conversation },
  errors: ['not_found', 'forbidden', 'conflict'],
})

const participantParams = inConversation.extend({ userId: UserId })

export const changeRole = defineRoute({
  method: 'PATCH',
  path: '/v1/conversations/:conversationId/participants/:userId',
  summary: 'Change a role (owner)',
  params: participantParams,
  body: z.object({ role: Role }),
  reply: { 200: Participant },
  errors: ['not_found', 'forbidden', 'last_owner'],
})

/** Removing oneself is leaving, and declining where one is invited. */
export const removeParticipant = defineRoute({
  method: 'DELETE',
  path: '/v1/conversations/:conversationId/participants/:userId',
  summary: 'Remove someone, or leave',
  params: participantParams,
  reply: { 204: null },
  errors: ['not_found', 'forbidden', 'last_owner'],
})

/** Again by who takes part already answers the same. */
export const acceptInvitation = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/accept',
  summary: 'Join a group I am invited to',
  params: inConversation,
  reply: { 200: Conversation },
  errors: ['not_found', 'conflict'],
})

export const listInvitations = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/invitations',
  summary: 'Who is invited and has not answered (owner, admin)',
  params: inConversation,
  query: PageQuery,
  reply: { 200: pageOf(GroupInvitation) },
  errors: ['not_found', 'forbidden'],
})

export const withdrawInvitation = defineRoute({
  method: 'DELETE',
  path: '/v1/conversations/:conversationId/invitations/:userId',
  summary: 'Withdraw an invitation (owner, admin)',
  params: participantParams,
  reply: { 204: null },
  errors: ['not_found', 'forbidden'],
})
