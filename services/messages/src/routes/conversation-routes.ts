import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { deleteAvatar, getAvatar, putAvatar } from '../conversations/avatars.ts'
import { createConversation } from '../conversations/create-conversation.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { acceptInvitation } from '../conversations/invitations/accept-invitation.ts'
import { withdrawInvitation } from '../conversations/invitations/end-invitations.ts'
import { listInvitations } from '../conversations/invitations/list-invitations.ts'
import { acceptInvite, getInvite, getInviteAvatar } from '../conversations/invites/accept-invite.ts'
import { createInvite, listInvites, revokeInvites } from '../conversations/invites/manage-invites.ts'
import { listConversations } from '../conversations/list-conversations.ts'
import { addParticipants } from '../conversations/participants/add-participants.ts'
import { changeRole } from '../conversations/participants/change-role.ts'
import { listParticipants, lookupParticipants } from '../conversations/participants/list-participants.ts'
import { removeParticipant } from '../conversations/participants/remove-participant.ts'
import { updateConversation } from '../conversations/update-conversation.ts'
import { updateMemberSettings } from '../conversations/update-member-settings.ts'
import { avatarLimit, changeLimit, codeLimits, createLimit, meLimit, readLimit } from '../limits.ts'

/** Conversations, their participants and invitations. */
export const conversationRoutes = (ctx: MessagesContext): Route[] => [
  route(api.createConversation, ({ actor, body }) => createConversation(ctx, actor, body), {
    limit: createLimit,
  }),
  route(api.listConversations, ({ actor, query }) => listConversations(ctx, actor, query), {
    limit: readLimit,
  }),
  route(api.getConversation, ({ actor, params }) => getConversation(ctx, actor, params.conversationId), {
    limit: readLimit,
  }),
  route(
    api.updateConversation,
    ({ actor, params, body }) => updateConversation(ctx, actor, { ...params, ...body }),
    {
      limit: changeLimit,
    },
  ),
  route(
    api.updateConversationMe,
    ({ actor, params, body }) => updateMemberSettings(ctx, actor, { ...params, ...body }),
    {
      limit: meLimit,
    },
  ),
  route(
    api.putConversationAvatar,
    ({ actor, params, body }) => putAvatar(ctx, actor, { ...params, bytes: body }),
    { limit: avatarLimit },
  ),
  route(
    api.deleteConversationAvatar,
    ({ actor, params }) => deleteAvatar(ctx, actor, params.conversationId),
    { limit: changeLimit },
  ),
  route(
    api.getConversationAvatar,
    ({ actor, params, query }) => getAvatar(ctx, actor, { ...params, ...query }),
    { limit: readLimit },
  ),
  route(
    api.listParticipants,
    ({ actor, params, query }) => listParticipants(ctx, actor, { ...params, ...query }),
    {
      limit: readLimit,
    },
  ),
  route(api.lookupParticipants, ({ actor, body }) => lookupParticipants(ctx, actor, body), {
    limit: readLimit,
  }),
  route(
    api.addParticipants,
    ({ actor, params, body }) => addParticipants(ctx, actor, { ...params, ...body }),
    {
      limit: changeLimit,
    },
  ),
  route(api.changeRole, ({ actor, params, body }) => changeRole(ctx, actor, { ...params, ...body }), {
    limit: changeLimit,
  }),
  route(api.acceptInvitation, ({ actor, params }) => acceptInvitation(ctx, actor, params.conversationId), {
    limit: changeLimit,
  }),
  route(
    api.listInvitations,
    ({ actor, params, query }) => listInvitations(ctx, actor, { ...params, ...query }),
    { limit: readLimit },
  ),
  route(api.withdrawInvitation, ({ actor, params }) => withdrawInvitation(ctx, actor, params), {
    limit: changeLimit,
  }),
  route(api.removeParticipant, ({ actor, params }) => removeParticipant(ctx, actor, params), {
    limit: changeLimit,
  }),
]

/** Invite links of groups. */
export const inviteRoutes = (ctx: MessagesContext): Route[] => [
  route(api.createInvite, ({ actor, params, body }) => createInvite(ctx, actor, { ...params, ...body }), {
    limit: changeLimit,
  }),
  route(api.listInvites, ({ actor, params, query }) => listInvites(ctx, actor, { ...params, ...query }), {
    limit: readLimit,
  }),
  route(api.revokeInvites, ({ actor, params }) => revokeInvites(ctx, actor, params), { limit: changeLimit }),
  route(api.revokeInvite, ({ actor, params }) => revokeInvites(ctx, actor, params), { limit: changeLimit }),
  route(api.getInvite, ({ actor, params }) => getInvite(ctx, actor, params.code), { limit: codeLimits }),
  route(
    api.getInviteAvatar,
    ({ actor, params, query }) => getInviteAvatar(ctx, actor, { ...params, ...query }),
    { limit: codeLimits },
  ),
  route(api.acceptInvite, ({ actor, params }) => acceptInvite(ctx, actor, params.code), {
    limit: codeLimits,
  }),
]
