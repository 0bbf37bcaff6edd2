import { isUnavailable, pause } from '@finnigram/service-kit'
import { purgeNotes } from './audit/purge-notes.ts'
import { purgeEndedSessions } from './auth/purge-ended-sessions.ts'
import { purgeExpiredSessions } from './auth/purge-expired-sessions.ts'
import type { UsersContext } from './context.ts'
import { purgeTokens } from './mail/mailed-token.ts'
import { renewSearchWords } from './search/renew-search-words.ts'

const everyMs = 10 * 60_000

/** Ends expired sessions and forgets those that ended long ago, now and every ten minutes, until disposed of. */
export function keepHouse(ctx: UsersContext): AsyncDisposable {
  const ending = new AbortController()
  const report = (message: string) => (error: unknown) =>
    ctx.log[isUnavailable(error) ? 'warn' : 'error'](message, { error })
  const run = async () => {
    while (!ending.signal.aborted) {
      await purgeExpiredSessions(ctx).catch(report('Expired sessions could not be ended'))
      await purgeEndedSessions(ctx.pool).catch(report('Ended sessions could not be forgotten'))
      await purgeTokens(ctx.pool).catch(report('Mailed tokens could not be forgotten'))
      await purgeNotes(ctx).catch(report('Old security events could not be forgotten'))
      await renewSearchWords(ctx.pool, ending.signal).catch(report('People could not be made findable anew'))
      await ctx.mailer.sweep().catch(report('Old files of mails could not be deleted'))
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
