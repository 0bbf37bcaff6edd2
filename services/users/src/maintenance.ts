import { isUnavailable, pause } from '@finnigram/service-kit'
import { purgeNotes } from './audit/audit-log.ts'
import { purgeEndedSessions, purgeExpiredSessions } from './auth/ended-sessions.ts'
import type { UsersContext } from './context.ts'
import { purgeTokens } from './mail/mailed-token.ts'
import { purgeFormer } from './people/former-usernames.ts'
import { renewSearchWords } from './people/renew-search-words.ts'

const everyMs = 10 * 60_000

/**
 * What is done, by what to say when it fails. Those that go on and on end early when the signal
 * aborts.
 */
const steps: [failure: string, step: (ctx: UsersContext, signal: AbortSignal) => Promise<unknown>][] = [
  ['Expired sessions could not be ended', purgeExpiredSessions],
  ['Ended sessions could not be forgotten', ({ pool }) => purgeEndedSessions(pool)],
  ['Mailed tokens could not be forgotten', ({ pool }) => purgeTokens(pool)],
  ['Former usernames could not be freed', ({ pool }) => purgeFormer(pool)],
  ['Old security events could not be forgotten', purgeNotes],
  ['People could not be made findable anew', ({ pool }, signal) => renewSearchWords(pool, signal)],
  ['Old files of mails could not be deleted', ({ mailer }) => mailer.sweep()],
]

/** Ends expired sessions and forgets those that ended long ago, now and every ten minutes, until disposed of. */
export function keepHouse(ctx: UsersContext): AsyncDisposable {
  const ending = new AbortController()
  const report = (message: string) => (error: unknown) =>
    ctx.log[isUnavailable(error) ? 'warn' : 'error'](message, { error })
  const run = async () => {
    while (!ending.signal.aborted) {
      for (const [failure, step] of steps) {
        if (!ending.signal.aborted) await step(ctx, ending.signal).catch(report(failure))
      }
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
