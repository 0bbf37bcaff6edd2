import { changeMembership } from '../connect/change-membership.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom, userRoom } from '../rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/encode-frame.ts'
import { writeFrame } from '../wire/write-frame.ts'

/** A new group's event names its first hundred people only; whether others of them are here, the messages service knows. */
export interface LargeGroupAdmissions {
  /** Asks for everyone here, lets those in who take part, and tells them of the group with the event's JSON text, as the others were told. */
  admit(conversationId: string, text: string): void
  /** Someone was removed: an answer that is under way may not know that yet. */
  noteRemoval(conversationId: string, userId: string): void
}

type Needs = Pick<RealtimeContext, 'io' | 'log' | 'loadMemberships'>

export function createLargeGroupAdmissions(ctx: Needs): LargeGroupAdmissions {
  const removedMeanwhile = new Map<string, Set<string>>()

  const admitOne = async (conversationId: string, text: string, userId: string) => {
    const memberships = await ctx.loadMemberships(userId)
    const membership = memberships.find(({ id }) => id === conversationId)
    if (!membership || removedMeanwhile.get(conversationId)?.has(userId)) return
    const room = conversationRoom(conversationId)
    const frame = encodeFrame('events', `[${text}]`)
    for (const socket of socketsIn(ctx.io, userRoom(userId))) {
      if (socket.rooms.has(room)) continue
      changeMembership(socket, { conversationId, version: membership.joinedVersion, isMember: true })
      if (socket.rooms.has(room)) writeFrame(socket, frame)
    }
  }
  const admitAll = async (conversationId: string, text: string) => {
    removedMeanwhile.set(conversationId, new Set())
    const userIds = new Set([...ctx.io.sockets.sockets.values()].map(({ data }) => data.userId))
    try {
      await Promise.all([...userIds].map((userId) => admitOne(conversationId, text, userId)))
    } catch (error) {
      // Those left out learn of the group when they next sync.
      ctx.log.warn('People of a large group could not be looked up', { error })
    } finally {
      removedMeanwhile.delete(conversationId)
    }
  }
  return {
    admit: (conversationId, text) => void admitAll(conversationId, text),
    noteRemoval: (conversationId, userId) => void removedMeanwhile.get(conversationId)?.add(userId),
  }
}
