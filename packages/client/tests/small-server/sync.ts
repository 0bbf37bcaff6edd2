import type { Conversation, SyncReply } from '@finnigram/contracts'
import type { ConversationRecord } from './conversation-record.ts'
import type { Request } from './request.ts'

interface Range {
  after?: string | null
  until?: string | null
}

/** Events of one reply: few, so that tests see more than one. */
const syncAtMost = 40

export function sync({ serverState, me, body }: Request): SyncReply {
  const { after = null, until = null } = (body['range'] ?? {}) as Range
  const isInRange = (id: string) => (after === null || id > after) && (until === null || id <= until)
  const known = new Map(
    Object.entries(body['known'] as Record<string, number>).filter(([id]) => isInRange(id)),
  )
  serverState.syncSizes.push(known.size)
  const since = Number(body['since'] ?? -1)
  const reply: SyncReply = {
    conversations: [],
    events: {},
    reset: [],
    removed: [],
    markers: [],
    me: [],
    invited: [...serverState.invitations.values()]
      .filter(({ userId }) => userId === me.id)
      .map(({ record }) => record.id)
      .filter(isInRange),
    users:
      since < 0
        ? []
        : [...serverState.peersOf(me.id)]
            .filter((id) => (serverState.people.get(id)?.changedAt ?? 0) > since)
            .map((id) => serverState.toPublic(id)),
    cursor: String(serverState.changeCount),
    more: false,
  }
  let left = syncAtMost
  for (const record of serverState.conversations.values()) {
    if (!record.memberships.has(me.id) || !isInRange(record.id)) continue
    const version = known.get(record.id)
    known.delete(record.id)
    if (version === undefined || version < record.compacted) {
      if (version !== undefined) reply.reset.push(record.id)
      reply.conversations.push(serverState.toConversation(record, me.id))
    } else if (version < record.events.length) {
      const items = record.events.slice(version, version + left)
      left -= items.length
      if (items.length > 0) reply.events[record.id] = items
      if (version + items.length === record.events.length)
        reply.conversations.push(serverState.toConversation(record, me.id))
      else reply.more = true
    } else {
      addMoved(reply, serverState.toConversation(record, me.id), { record, since, me: me.id })
    }
  }
  reply.removed.push(...known.keys())
  return reply
}

function addMoved(
  reply: SyncReply,
  conversation: Conversation,
  { record, since, me }: { record: ConversationRecord; since: number; me: string },
) {
  if (since < 0) return
  for (const [userId, { movedAt, lastReadSeq, lastDeliveredSeq }] of record.memberships) {
    if (movedAt <= since) continue
    reply.markers.push({
      conversationId: record.id,
      userId,
      readSeq: lastReadSeq,
      deliveredSeq: lastDeliveredSeq,
    })
    if (userId === me) reply.me.push({ conversationId: record.id, me: conversation.me })
  }
}
