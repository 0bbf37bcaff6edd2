import type { SignedIn } from '@finnigram/contracts'
import type { UsersContext } from '../context.ts'
import { signAccessToken } from '../keys/access-token.ts'
import { accessTokenSeconds } from '../keys/access-token-seconds.ts'
import { toMe } from '../people/to-me.ts'
import type { UserRow } from '../people/user-row.ts'
import type { OpenedSession } from './sessions.ts'

/** The answer of register, login and refresh: who it is, and the tokens of the session. */
export async function toSignedIn(
  ctx: Pick<UsersContext, 'config' | 'keys'>,
  user: UserRow,
  { sessionId, refreshToken }: OpenedSession,
): Promise<SignedIn> {
  return {
    user: toMe(user),
    accessToken: await signAccessToken(ctx, { userId: user.id, sessionId }),
    refreshToken,
    expiresIn: accessTokenSeconds,
  }
}
