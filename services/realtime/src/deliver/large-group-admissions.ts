import { fullJitter, pause } from '@finnigram/service-kit'
import { changeMembership } from '../connect/change-membership.ts'
import type { Membership } from '../connect/settle-memberships.ts'
import { firstVersion } from '../connection.ts'
import type { RealtimeContext } from '../context.ts'
import { conversationRoom, userRoom } from '../rooms.ts'
import { socketsIn, writeOrClose } from '../wire/emit-to-room.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** A new group's event names its first hundred people only; whether others of them are here, the messages service knows. */
export interface LargeGroupAdmissions {
  /** Asks for everyone here, lets those in who take part, and tells them what the others were told meanwhile. */
  admit(conversationId: string): void
  /** Whether facts of a conversation matter although it may seem that nobody of it is here. */
  isAdmitting(conversationId: string): boolean
  /** JSON texts of facts that were emitted: who is let in after that has to catch up. */
  noteFacts(conversationId: string, texts: readonly string[]): void
  /** Someone was removed: an answer that is under way may not know that yet. */
  noteRemoval(conversationId: string, userId: string): void
}

interface Admission {
  removed: Set<string>
  /** Null: they became too many, and were let go. */
  texts: string[] | null
  characters: number
  /** A gap lets every socket ask anew, and what was learned before it may be out of date. */
  gapsBefore: number
}

type Needs = Pick<RealtimeContext, 'io' | 'log' | 'loadMemberships' | 'gaps' | 'stopping'>

/** More characters of facts than this are not kept while the messages service is away; who missed more is told to sync. */
const mostKept = 256 * 1024

export function createLargeGroupAdmissions(ctx: Needs): LargeGroupAdmissions {
  const admissions = new Map<string, Admission>()

  const admitOne = async (conversationId: string, admission: Admission, userId: string) => {
    const memberships = await askPatiently(ctx, userId)
    const membership = memberships.find(({ id }) => id === conversationId)
    // Who was removed and came back is let in by the event of that.
    const isStillIn = membership?.joinedVersion === firstVersion && !admission.removed.has(userId)
    if (!isStillIn || ctx.gaps.count !== admission.gapsBefore) return
    letIn(ctx, { conversationId, userId, texts: admission.texts })
  }
  const admitAll = async (conversationId: string) => {
    const admission: Admission = {
      removed: new Set(),
      texts: [],
      characters: 0,
      gapsBefore: ctx.gaps.count,
    }
    admissions.set(conversationId, admission)
    const userIds = new Set([...ctx.io.sockets.sockets.values()].map(({ data }) => data.userId))
    await Promise.all([...userIds].map((userId) => admitOne(conversationId, admission, userId)))
    admissions.delete(conversationId)
  }
  return {
    admit: (conversationId) => void admitAll(conversationId),
    isAdmitting: (conversationId) => admissions.has(conversationId),
    noteFacts(conversationId, texts) {
      const admission = admissions.get(conversationId)
      if (!admission?.texts) return
      admission.texts.push(...texts)
      admission.characters += texts.reduce((sum, { length }) => sum + length, 0)
      if (admission.characters > mostKept) admission.texts = null
    },
    noteRemoval: (conversationId, userId) => void admissions.get(conversationId)?.removed.add(userId),
  }
}

/** Whoever is not let in hears nothing of the group until they connect again: so it is asked until there is an answer. */
async function askPatiently(
  { loadMemberships, log, stopping }: Needs,
  userId: string,
): Promise<readonly Membership[]> {
  for (let attempt = 0; !stopping.aborted; attempt += 1) {
    try {
      return await loadMemberships(userId)
    } catch (error) {
      log.debug('A person of a large group could not be looked up', { error })
      await pause(50 + fullJitter(attempt, { baseMs: 200, maxMs: 3000 }), stopping)
    }
  }
  return []
}

function letIn(
  { io }: Needs,
  {
    conversationId,
    userId,
    texts,
  }: { conversationId: string; userId: string; texts: readonly string[] | null },
): void {
  const room = conversationRoom(conversationId)
  for (const socket of socketsIn(io, userRoom(userId))) {
    if (socket.rooms.has(room)) continue
    changeMembership(socket, { conversationId, version: firstVersion, isMember: true })
    if (!socket.rooms.has(room)) continue
    if (!texts) socket.emit('resync', { reason: 'A large group went on without this connection' })
    else if (texts.length > 0) writeOrClose(socket, encodeFrame('events', `[${texts.join(',')}]`))
  }
}
