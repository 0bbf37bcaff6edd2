import { streamNames } from '@finnigram/contracts'
import { AppError, createSessionGuard, type SessionGuard } from '@finnigram/service-kit'
import { listEndedSessions } from './auth/ended-sessions.ts'
import type { UsersContext } from './context.ts'

/** Learns which sessions ended, from this service's own events and its database. */
export const openGuard = ({
  pool,
  redis,
  health,
  log,
}: Pick<UsersContext, 'pool' | 'redis' | 'health' | 'log'>): SessionGuard =>
  createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    async listEnded() {
      // Before the migrations there is no table to ask.
      if (!health.hasStarted) throw new AppError('unavailable')
      return listEndedSessions(pool)
    },
  })
