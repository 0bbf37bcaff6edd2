import { ConversationMeChange, NewConversation, messagesApi as routes } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row, roomOf } from './request.ts'

export const conversationAnswers: Row[] = [
  [
    routes.createConversation,
    ({ world, me, body }) => {
      const wanted = NewConversation.parse(body)
      const made = world.rooms.get(wanted.id ?? '')
      if (made) return ok(world.toConversation(made, me.id))
      if (wanted.kind === 'group') {
        const room = world.addRoom('group', me.id, wanted.userIds, wanted)
        return ok(world.toConversation(room, me.id), 201)
      }
      const pair = [me.id, wanted.userId]
      const known = [...world.rooms.values()].find(
        ({ kind, places }) =>
          kind === 'direct' && pair.every((id) => places.has(id)) && places.size === new Set(pair).size,
      )
      const room = known ?? world.addRoom('direct', me.id, pair)
      return ok(world.toConversation(room, me.id), known ? 200 : 201)
    },
  ],
  [
    routes.listConversations,
    ({ world, me }) =>
      ok({
        items: [...world.invitations.values()]
          .filter(({ userId }) => userId === me.id)
          .map(({ room, invitedBy }) => world.toInvited(room, invitedBy)),
        nextCursor: null,
      }),
  ],
  [
    routes.acceptInvitation,
    ({ world, me, params }) => {
      const room = world.rooms.get(params['conversationId'] ?? '')
      if (!room || !world.endInvitation(room, me.id)) throw new Refusal('not_found')
      world.add(room, me.id, me.id)
      return ok(world.toConversation(room, me.id))
    },
  ],
  [routes.getConversation, (request) => ok(request.world.toConversation(roomOf(request), request.me.id))],
  [
    routes.updateConversation,
    (request) => {
      const room = roomOf(request)
      room.title = String(request.body['title'])
      request.world.tell(room, request.me.id, 'conversation.updated', { title: room.title })
      return ok(request.world.toConversation(room, request.me.id))
    },
  ],
  [
    routes.updateConversationMe,
    (request) => {
      const change = ConversationMeChange.parse(request.body)
      return ok(request.world.setDraft(roomOf(request), request.me.id, change))
    },
  ],
  [
    routes.lookupParticipants,
    ({ world, me, body }) => {
      const peers = world.peersOf(me.id)
      const ids = (body['ids'] as string[]).filter((id) => peers.has(id))
      return ok({ items: ids.map((id) => world.toPublic(id)) })
    },
  ],
  [
    routes.listParticipants,
    (request) =>
      ok({
        items: request.world.toConversation(roomOf(request), request.me.id).participants,
        nextCursor: null,
      }),
  ],
  [
    routes.addParticipants,
    (request) => {
      const room = roomOf(request)
      for (const id of request.body['userIds'] as string[]) request.world.add(room, request.me.id, id)
      return ok(request.world.toConversation(room, request.me.id))
    },
  ],
  [
    routes.removeParticipant,
    (request) => {
      const room = request.world.rooms.get(request.params['conversationId'] ?? '')
      if (room && request.world.endInvitation(room, request.params['userId'] ?? '')) return { status: 204 }
      request.world.remove(roomOf(request), request.me.id, request.params['userId'] ?? '')
      return { status: 204 }
    },
  ],
]
