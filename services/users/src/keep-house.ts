import { isUnavailable, pause } from '@finnigram/service-kit'
import { purgeExpiredSessions } from './auth/purge-expired-sessions.ts'
import type { UsersContext } from './context.ts'

const everyMs = 10 * 60_000

/** Ends expired sessions now and every ten minutes, until disposed of. */
export function keepHouse(ctx: UsersContext): AsyncDisposable {
  const ending = new AbortController()
  const run = async () => {
    while (!ending.signal.aborted) {
      await purgeExpiredSessions(ctx).catch((error) => {
        ctx.log[isUnavailable(error) ? 'warn' : 'error']('Expired sessions could not be ended', { error })
      })
      await pause(everyMs, ending.signal)
    }
  }
  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await running
    },
  }
}
