import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './caller.ts'
import { deleteSessions } from './delete-sessions.ts'

/** Ends the caller's session; a session that is already over stays over. */
export async function logout(ctx: UsersContext, { actor, ip }: Caller): Promise<void> {
  const { userId, sessionId } = actor
  await commitFacts(ctx, async (tx, tell, { note }) => {
    const ended = await deleteSessions(tx, { userId, only: sessionId }, tell)
    if (ended > 0) note({ type: 'signed_out', userId, sessionId, ip })
  })
}
