import { ConversationMeChange, NewConversation, messagesApi as routes } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row, requireConversation } from './request.ts'

export const conversationRoutes: Row[] = [
  [
    routes.createConversation,
    ({ serverState, me, body }) => {
      const wanted = NewConversation.parse(body)
      const made = serverState.conversations.get(wanted.id ?? '')
      if (made) return ok(serverState.toConversation(made, me.id))
      if (wanted.kind === 'group') {
        const record = serverState.createConversation('group', me.id, wanted.userIds, wanted)
        return ok(serverState.toConversation(record, me.id), 201)
      }
      const pair = [me.id, wanted.userId]
      const known = [...serverState.conversations.values()].find(
        ({ kind, memberships: places }) =>
          kind === 'direct' && pair.every((id) => places.has(id)) && places.size === new Set(pair).size,
      )
      const record = known ?? serverState.createConversation('direct', me.id, pair)
      return ok(serverState.toConversation(record, me.id), known ? 200 : 201)
    },
  ],
  [
    routes.listConversations,
    ({ serverState, me }) =>
      ok({
        items: [...serverState.invitations.values()]
          .filter(({ userId }) => userId === me.id)
          .map(({ record, invitedBy }) => serverState.toInvited(record, invitedBy)),
        nextCursor: null,
      }),
  ],
  [
    routes.acceptInvitation,
    ({ serverState, me, params }) => {
      const record = serverState.conversations.get(params['conversationId'] ?? '')
      if (!record || !serverState.endInvitation(record, me.id)) throw new Refusal('not_found')
      serverState.addMember(record, me.id, me.id)
      return ok(serverState.toConversation(record, me.id))
    },
  ],
  [
    routes.getConversation,
    (request) => ok(request.serverState.toConversation(requireConversation(request), request.me.id)),
  ],
  [
    routes.updateConversation,
    (request) => {
      const record = requireConversation(request)
      record.title = String(request.body['title'])
      request.serverState.emit(record, request.me.id, 'conversation.updated', { title: record.title })
      return ok(request.serverState.toConversation(record, request.me.id))
    },
  ],
  [
    routes.updateConversationMe,
    (request) => {
      const change = ConversationMeChange.parse(request.body)
      return ok(request.serverState.setDraft(requireConversation(request), request.me.id, change))
    },
  ],
  [
    routes.lookupParticipants,
    ({ serverState, me, body }) => {
      const peers = serverState.peersOf(me.id)
      const ids = (body['ids'] as string[]).filter((id) => peers.has(id))
      return ok({ items: ids.map((id) => serverState.toPublic(id)) })
    },
  ],
  [
    routes.listParticipants,
    (request) =>
      ok({
        items: request.serverState.toConversation(requireConversation(request), request.me.id).participants,
        nextCursor: null,
      }),
  ],
  [
    routes.addParticipants,
    (request) => {
      const record = requireConversation(request)
      for (const id of request.body['userIds'] as string[])
        request.serverState.addMember(record, request.me.id, id)
      return ok(request.serverState.toConversation(record, request.me.id))
    },
  ],
  [
    routes.removeParticipant,
    (request) => {
      const record = request.serverState.conversations.get(request.params['conversationId'] ?? '')
      if (record && request.serverState.endInvitation(record, request.params['userId'] ?? ''))
        return { status: 204 }
      request.serverState.removeMember(
        requireConversation(request),
        request.me.id,
        request.params['userId'] ?? '',
      )
      return { status: 204 }
    },
  ],
]
