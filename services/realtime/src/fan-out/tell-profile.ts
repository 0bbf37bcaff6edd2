import { type PublicUser, usersApi } from '@finnigram/contracts'
import { fullJitter, pause } from '@finnigram/service-kit'
import type { RealtimeSocket } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom } from '../wire/rooms.ts'
import { socketsIn } from '../wire/emit-to-room.ts'
import { emitAccount } from './account.ts'

type Needs = Pick<RealtimeContext, 'io' | 'users' | 'figures' | 'loadMemberships' | 'stopping'>

/** People in one question, and how often it is tried: it is asked when users has just spoken, so it is hardly ever away. */
const perQuestion = 500
const attempts = 3
const patienceMs = 2000

/**
 * Tells everyone here who shares a conversation with a person how their profile is now. Where one of two blocked the other
 * neither is told: over REST the profile is not found either. Answers how many sockets were told. Rejects, with nobody
 * told, when that cannot be asked.
 */
export async function tellOthers(ctx: Needs, user: PublicUser): Promise<number> {
  const memberships = await ctx.loadMemberships(user.id)
  const rooms = memberships.map(({ id }) => conversationRoom(id))
  const asked = new Set([user.id])
  const mayKnow = new Set<string>()
  // Again until nobody has come meanwhile.
  for (let others = othersIn(ctx, rooms, asked); others.length > 0; others = othersIn(ctx, rooms, asked)) {
    for (const id of others) asked.add(id)
    for (const id of await askPatiently(ctx, user.id, others)) mayKnow.add(id)
  }
  if (mayKnow.size === 0) return 0
  const onlyTo = ({ data }: RealtimeSocket) => mayKnow.has(data.userId)
  // One frame for each socket, however many rooms it shares with this person.
  return emitAccount(ctx, rooms, { type: 'user.updated', data: { user } }, { onlyTo })
}

/** Some of the people in these rooms of whom it was not asked yet. */
function othersIn({ io }: Needs, rooms: readonly string[], asked: ReadonlySet<string>): string[] {
  const others = new Set<string>()
  for (const room of rooms) {
    for (const { data } of socketsIn(io, room)) {
      if (!asked.has(data.userId)) others.add(data.userId)
      if (others.size === perQuestion) return [...others]
    }
  }
  return [...others]
}

/** Those of these people between whom and the person no block stands. */
async function askPatiently({ users, stopping }: Needs, userId: string, of: string[]): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { items } = await users.call(usersApi.lookupPresence, {
        body: { userId, of },
        timeoutMs: patienceMs,
      })
      return items.map((item) => item.userId)
    } catch (error) {
      if (attempt === attempts || stopping.aborted) throw error
      await pause(100 + fullJitter(attempt, { baseMs: 200, maxMs: 2000 }), stopping)
    }
  }
}
