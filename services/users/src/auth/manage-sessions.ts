import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './caller.ts'
import { deleteSessions } from './delete-sessions.ts'
import { requireSession } from './require-session.ts'

/** Signs one of the caller's devices out. Throws `not_found`. */
export async function endSession(ctx: UsersContext, { actor, ip }: Caller, sessionId: string): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    await requireSession(tx, actor)
    const ended = await deleteSessions(tx, { userId: actor.userId, only: sessionId }, tell)
    if (ended === 0) throw new AppError('not_found')
    note({ type: 'session_ended', userId: actor.userId, sessionId, ip })
  })
}
