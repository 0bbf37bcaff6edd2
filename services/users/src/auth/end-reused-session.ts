import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import { hashOf, type RefreshToken } from './refresh-token.ts'
import { removeSessions } from './remove-sessions.ts'

/** Ends the session whose family this token shows, because the token is neither the one that is good nor its fresh predecessor. Expired and unknown sessions are left as they are. */
export async function endReusedSession(
  ctx: UsersContext,
  { token, ip }: { token: RefreshToken; ip: string },
): Promise<void> {
  await commitFacts(ctx, async (tx, tell, { note }) => {
    const values = [hashOf(token.family), hashOf(token.secret)]
    const [reused] = await removeSessions(
      tx,
      { condition: 'family_hash = $1 AND secret_hash <> $2', values },
      tell,
    )
    if (reused) note({ type: 'refresh_reuse_detected', ...reused, ip })
  })
}
