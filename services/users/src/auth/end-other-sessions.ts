import type { Actor } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { deleteSessions } from './delete-sessions.ts'
import { requireSession } from './require-session.ts'

/** Signs all of the caller's other devices out. */
export async function endOtherSessions(ctx: UsersContext, actor: Actor): Promise<void> {
  await commitFacts(ctx, async (tx, tell) => {
    await requireSession(tx, actor)
    await deleteSessions(tx, { userId: actor.userId, except: actor.sessionId }, tell)
  })
}
