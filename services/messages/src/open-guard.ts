import { streamNames, usersApi } from '@finnigram/contracts'
import { createSessionGuard, type SessionGuard } from '@finnigram/service-kit'
import type { MessagesContext } from './context.ts'

const patienceMs = 2000

/** Learns which sessions ended, from the users service's events and by asking it. */
export function openGuard({
  redis,
  log,
  users,
}: Pick<MessagesContext, 'redis' | 'log' | 'users'>): SessionGuard {
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
  })
}
