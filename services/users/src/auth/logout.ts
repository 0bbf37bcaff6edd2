import type { Actor } from '@finnigram/service-kit'
import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { deleteSessions } from './delete-sessions.ts'

/** Ends the caller's session; a session that is already over stays over. */
export async function logout(ctx: UsersContext, { userId, sessionId }: Actor): Promise<void> {
  await commitFacts(ctx, (tx, tell) => deleteSessions(tx, { userId, only: sessionId }, tell))
}
