import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './caller.ts'
import { deleteSessions } from './delete-sessions.ts'
import { requireSession } from './require-session.ts'

/** Signs all of the caller's other devices out. */
export async function endOtherSessions(ctx: UsersContext, { actor, ip }: Caller): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    await requireSession(tx, actor)
    const { userId, sessionId } = actor
    await deleteSessions(tx, { userId, except: sessionId }, tell)
    note({ type: 'other_sessions_ended', userId, sessionId, ip })
  })
}
