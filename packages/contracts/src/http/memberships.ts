import { z } from 'zod'
import { Conversation, ConversationMe, ConversationMeChange, Invite, InvitePreview } from '../conversation.ts'
import { aFile, defineRoute, PageQuery, pageOf } from '../route.ts'
import { Instant } from '../time.ts'
import { inConversation } from './conversations.ts'
import { AvatarQuery, avatarBytes } from './users.ts'

/**
 * What is mine alone of a conversation; my other devices are told (`account`, `conversation.me`).
 */
export const updateConversationMe = defineRoute({
  method: 'PATCH',
  path: '/v1/conversations/:conversationId/me',
  summary: 'Mute, archive, pin, draft: for me, on all my devices',
  params: inConversation,
  body: ConversationMeChange,
  reply: { 200: ConversationMe },
  errors: ['not_found'],
})

export const putConversationAvatar = defineRoute({
  method: 'PUT',
  path: '/v1/conversations/:conversationId/avatar',
  summary: 'Set the picture of a group (owner, admin): at most 5 MiB',
  params: inConversation,
  bytes: avatarBytes,
  reply: { 200: Conversation },
  errors: ['not_found', 'forbidden', 'payload_too_large', 'unsupported_media_type'],
})

export const deleteConversationAvatar = defineRoute({
  method: 'DELETE',
  path: '/v1/conversations/:conversationId/avatar',
  summary: 'Remove the picture of a group (owner, admin)',
  params: inConversation,
  reply: { 204: null },
  errors: ['not_found', 'forbidden'],
})

export const getConversationAvatar = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/avatar',
  summary: 'The picture of a group of mine',
  params: inConversation,
  query: AvatarQuery,
  reply: { 200: aFile('image/webp') },
  errors: ['not_found'],
})

export const createInvite = defineRoute({
  method: 'POST',
  path: '/v1/conversations/:conversationId/invites',
  summary: 'Make an invite link to a group (owner, admin)',
  params: inConversation,
  body: z
    .object({
      maxUses: z.int().min(1).max(100_000).nullable().optional(),
      expiresAt: Instant.nullable().optional(),
    })
    .optional(),
  reply: { 201: Invite },
  errors: ['not_found', 'forbidden', 'conflict'],
})

export const listInvites = defineRoute({
  method: 'GET',
  path: '/v1/conversations/:conversationId/invites',
  summary: 'Invites that can still be used (owner, admin)',
  params: inConversation,
  query: PageQuery,
  reply: { 200: pageOf(Invite) },
  errors: ['not_found', 'forbidden'],
})

export const revokeInvites = defineRoute({
  method: 'DELETE',
  path: '/v1/conversations/:conversationId/invites',
  summary: 'Revoke all invites (owner, admin)',
  params: inConversation,
  reply: { 204: null },
  errors: ['not_found', 'forbidden'],
})

const InviteCode = z.string().regex(/^[\w-]{1,64}$/, 'Is not an invite code')

export const revokeInvite = defineRoute({
  method: 'DELETE',
  path: '/v1/conversations/:conversationId/invites/:code',
  summary: 'Revoke one invite (owner, admin)',
  params: inConversation.extend({ code: InviteCode }),
  reply: { 204: null },
  errors: ['not_found', 'forbidden'],
})

const byCode = z.object({ code: InviteCode })

export const getInvite = defineRoute({
  method: 'GET',
  path: '/v1/invites/:code',
  summary: 'What an invite leads to',
  params: byCode,
  reply: { 200: InvitePreview },
  errors: ['not_found', 'gone', 'removed_from_group'],
})

export const getInviteAvatar = defineRoute({
  method: 'GET',
  path: '/v1/invites/:code/avatar',
  summary: 'The picture of the group an invite leads to',
  params: byCode,
  query: AvatarQuery,
  reply: { 200: aFile('image/webp') },
  errors: ['not_found', 'gone', 'removed_from_group'],
})

/** Who takes part already joins nothing, and uses nothing up. */
export const acceptInvite = defineRoute({
  method: 'POST',
  path: '/v1/invites/:code',
  summary: 'Join by an invite',
  params: byCode,
  reply: { 200: Conversation },
  errors: ['not_found', 'gone', 'removed_from_group', 'conflict'],
})
