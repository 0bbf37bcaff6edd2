import { commitFacts } from '../commit-facts.ts'
import type { UsersContext } from '../context.ts'
import { hashOf, type RefreshToken } from './refresh-token.ts'
import { removeSessions } from './remove-sessions.ts'

/** Ends the session whose family this token shows, because the token is neither the one that is good nor its fresh predecessor. Expired and unknown sessions are left as they are. */
export async function endReusedSession(ctx: UsersContext, token: RefreshToken): Promise<void> {
  const ended = await commitFacts(ctx, async (tx, tell) => {
    const values = [hashOf(token.family), hashOf(token.secret)]
    const [reused] = await removeSessions(
      tx,
      { condition: 'family_hash = $1 AND secret_hash <> $2', values },
      tell,
    )
    return reused
  })
  if (ended) ctx.log.warn('A replaced refresh token was used again: its session is ended', ended)
}
