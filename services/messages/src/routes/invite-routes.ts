import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { MessagesContext } from '../context.ts'
import { acceptInvite } from '../conversations/invites/accept-invite.ts'
import { createInvite } from '../conversations/invites/manage-invites.ts'
import { getInvite } from '../conversations/invites/get-invite.ts'
import { getInviteAvatar } from '../conversations/invites/get-invite-avatar.ts'
import { listInvites } from '../conversations/invites/list-invites.ts'
import { revokeInvites } from '../conversations/invites/revoke-invites.ts'
import { changeLimit, codeLimits, readLimit } from '../limits.ts'

/** Links by which people join groups. */
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
