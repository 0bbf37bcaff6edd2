import type { Conversation, SyncReply } from '@finnigram/contracts'
import type { Request } from './request.ts'
import type { Room } from './room.ts'

interface Range {
  after?: string | null
  until?: string | null
}

/** Events of one reply: few, so that tests see more than one. */
const syncAtMost = 40

export function sync({ world, me, body }: Request): SyncReply {
  const { after = null, until = null } = (body['range'] ?? {}) as Range
  const isInRange = (id: string) => (after === null || id > after) && (until === null || id <= until)
  const known = new Map(
    Object.entries(body['known'] as Record<string, number>).filter(([id]) => isInRange(id)),
  )
  world.syncSizes.push(known.size)
  const since = Number(body['since'] ?? -1)
  const reply: SyncReply = {
    conversations: [],
    events: {},
    reset: [],
    removed: [],
    markers: [],
    me: [],
    invited: [...world.invitations.values()]
      .filter(({ userId }) => userId === me.id)
      .map(({ room }) => room.id)
      .filter(isInRange),
    users:
      since < 0
        ? []
        : [...world.peersOf(me.id)]
            .filter((id) => (world.people.get(id)?.changedAt ?? 0) > since)
            .map((id) => world.toPublic(id)),
    cursor: String(world.moves),
    more: false,
  }
  let left = syncAtMost
  for (const room of world.rooms.values()) {
    if (!room.places.has(me.id) || !isInRange(room.id)) continue
    const version = known.get(room.id)
    known.delete(room.id)
    if (version === undefined || version < room.compacted) {
      if (version !== undefined) reply.reset.push(room.id)
      reply.conversations.push(world.toConversation(room, me.id))
    } else if (version < room.events.length) {
      const items = room.events.slice(version, version + left)
      left -= items.length
      if (items.length > 0) reply.events[room.id] = items
      if (version + items.length === room.events.length)
        reply.conversations.push(world.toConversation(room, me.id))
      else reply.more = true
    } else {
      addMoved(reply, world.toConversation(room, me.id), { room, since, me: me.id })
    }
  }
  reply.removed.push(...known.keys())
  return reply
}

function addMoved(
  reply: SyncReply,
  conversation: Conversation,
  { room, since, me }: { room: Room; since: number; me: string },
) {
  if (since < 0) return
  for (const [userId, { movedAt, lastReadSeq, lastDeliveredSeq }] of room.places) {
    if (movedAt <= since) continue
    reply.markers.push({
      conversationId: room.id,
      userId,
      readSeq: lastReadSeq,
      deliveredSeq: lastDeliveredSeq,
    })
    if (userId === me) reply.me.push({ conversationId: room.id, me: conversation.me })
  }
}
