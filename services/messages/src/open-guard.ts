import { streamNames, usersApi } from '@finnigram/contracts'
import {
  createInternalClient,
  createSessionGuard,
  type Logger,
  type RedisLink,
  type SessionGuard,
} from '@finnigram/service-kit'
import type { MessagesConfig } from './config.ts'

const patienceMs = 2000

/** Learns which sessions ended, from the users service's events and by asking it. */
export function openGuard(
  config: MessagesConfig,
  { redis, log }: { redis: RedisLink; log: Logger },
): SessionGuard {
  const users = createInternalClient({ baseUrl: config.USERS_URL, token: config.INTERNAL_TOKEN })
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
  })
}
