import { messagesApi } from '@finnigram/contracts'
import { createMicroBatch, fullJitter, type InternalClient, type Logger, pause } from '@finnigram/service-kit'
import { firstVersion, type MembershipChange, type RealtimeSocket } from '../connection.ts'
import type { WithGaps, WithStopping } from '../deps.ts'
import type { WithFloors } from '../fan-out/send-buffer.ts'
import { conversationOf, conversationRoom } from '../wire/rooms.ts'

export interface Membership {
  readonly id: string
  readonly joinedVersion: number
}

/**
 * The conversations someone is in, from what the messages service answered and what arrived on the
 * stream meanwhile. Either may be the newer: a version decides, and replaying in order ends at the
 * truth.
 */
export function settleMemberships(
  answered: readonly Membership[],
  changes: readonly MembershipChange[],
): Map<string, number> {
  const joined = new Map(answered.map(({ id, joinedVersion }) => [id, joinedVersion]))
  for (const { conversationId, version, isMember } of changes) {
    const known = joined.get(conversationId)
    if (isMember) {
      if (known === undefined || version > known) joined.set(conversationId, version)
    } else if (known !== undefined && version > known) joined.delete(conversationId)
  }
  return joined
}

/**
 * Joins the rooms of all conversations of the socket's person. Returns false if the socket or the
 * service ended first. The socket is in the room of its person already: `joining` collects
 * membership changes while the messages service is asked. A gap in the streams meanwhile may have
 * hidden one, so then it is asked again.
 */
export async function joinRooms(ctx: JoinDeps, socket: RealtimeSocket): Promise<boolean> {
  for (const room of socket.rooms) if (conversationOf(room)) socket.leave(room)
  for (let attempt = 0; socket.connected && !ctx.stopping.aborted; attempt += 1) {
    const gaps = ctx.gaps.count
    socket.data.joining = []
    const answered = await ask(ctx, socket.data.userId)
    if (answered && gaps === ctx.gaps.count) {
      if (socket.connected) enter(ctx, socket, answered)
      return socket.connected
    }
    if (!answered) await pause(50 + fullJitter(attempt, { baseMs: 200, maxMs: 3000 }), ctx.stopping)
  }
  return false
}

async function ask(ctx: WithMemberships, userId: string): Promise<readonly Membership[] | undefined> {
  try {
    return await ctx.loadMemberships(userId)
  } catch {
    return undefined
  }
}

function enter(ctx: WithFloors, socket: RealtimeSocket, answered: readonly Membership[]): void {
  const { data } = socket
  const joined = settleMemberships(answered, data.joining ?? [])
  data.joining = null
  const joinedLater = [...joined].filter(([, version]) => version > firstVersion)
  data.joinedVersions = joinedLater.length > 0 ? new Map(joinedLater) : null
  for (const [conversationId, version] of joinedLater) ctx.floors.raise(conversationId, version)
  socket.join([...joined.keys()].map(conversationRoom))
}

export type LoadMemberships = (userId: string) => Promise<readonly Membership[]>

export interface WithMemberships {
  readonly loadMemberships: LoadMemberships
}

export type JoinDeps = WithFloors & WithGaps & WithMemberships & WithStopping

/**
 * One call in so many milliseconds. A lone question goes at once; ten together cost hardly more
 * than one.
 */
const everyMs = 100
/**
 * Rest after a failed call, in milliseconds: thousands of waiting sockets become a few calls a
 * second.
 */
const restMs = 250

/**
 * Loads memberships from the messages service, many people in one call. The answer is never older
 * than the question.
 */
export function createLoadMemberships({
  messages,
  log,
}: {
  messages: InternalClient
  log: Logger
}): LoadMemberships {
  let isAway = false

  const ask = async (userIds: string[]) => {
    try {
      const body = { userIds, mayBePartial: true }
      const { items } = await messages.call(messagesApi.internalMemberships, { body })
      if (isAway) log.info('Memberships can be loaded again')
      isAway = false
      return items
    } catch (error) {
      if (!isAway) log.warn('Memberships cannot be loaded, new sockets wait', { error })
      isAway = true
      await pause(restMs)
      throw error
    }
  }
  return createMicroBatch<string, readonly Membership[]>({
    maxSize: 200,
    maxInFlight: 2,
    everyMs,
    run: async (userIds) => {
      const byUser = new Map<string, readonly Membership[]>()
      for (let rest = [...new Set(userIds)]; rest.length > 0; ) {
        for (const { userId, conversations } of await ask(rest)) byUser.set(userId, conversations)
        const left = rest.filter((id) => !byUser.has(id))
        if (left.length === rest.length) throw new Error('A reply about memberships was empty')
        rest = left
      }
      return userIds.map((userId) => byUser.get(userId) ?? [])
    },
  })
}

/**
 * Applies a membership change to one socket, or leaves it to the join in progress. Changes older
 * than the socket's join are ignored.
 */
export function changeMembership(socket: RealtimeSocket, change: MembershipChange): void {
  const { data } = socket
  const { conversationId, version, isMember } = change
  if (data.joining) {
    data.joining.push(change)
    return
  }
  if (version < (data.joinedVersions?.get(conversationId) ?? 0)) return
  if (!isMember) {
    socket.leave(conversationRoom(conversationId))
    data.joinedVersions?.delete(conversationId)
    return
  }
  socket.join(conversationRoom(conversationId))
  if (version === firstVersion) return
  data.joinedVersions ??= new Map()
  data.joinedVersions.set(conversationId, version)
}
