import { isUnavailable, pause } from '@finnigram/service-kit'
import { purgeAuditLog } from './audit/audit-log.ts'
import { purgeEndedSessions, purgeExpiredSessions } from './auth/ended-sessions.ts'
import type { UsersContext } from './context.ts'
import { purgeTokens } from './mail/mailed-token.ts'
import { purgeFormerUsernames } from './people/former-usernames.ts'
import { reindexUsers } from './people/reindex-users.ts'

const everyMs = 10 * 60_000

/** The steps, each with the message to log if it fails. Long ones stop when the signal aborts. */
const steps: [failure: string, step: (ctx: UsersContext, signal: AbortSignal) => Promise<unknown>][] = [
  ['Expired sessions could not be ended', purgeExpiredSessions],
  ['The list of ended sessions could not be purged', ({ pool }) => purgeEndedSessions(pool)],
  ['Expired mailed tokens could not be deleted', ({ pool }) => purgeTokens(pool)],
  ['Expired former usernames could not be deleted', ({ pool }) => purgeFormerUsernames(pool)],
  ['Old audit entries could not be deleted', purgeAuditLog],
  ['Search words could not be renewed', ({ pool }, signal) => reindexUsers(pool, signal)],
  ['Old files of mails could not be deleted', ({ mailer }) => mailer.sweep()],
]

/**
 * Runs the steps now and every ten minutes until disposed of: retention and cleanup, on every
 * node.
 */
export function startMaintenance(ctx: UsersContext): AsyncDisposable {
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
