import { streamNames, usersApi } from '@finnigram/contracts'
import { createSessionGuard, type SessionGuard } from '@finnigram/service-kit'
import type { RealtimeServer } from '../connection.ts'
import type { Figures } from '../metrics.ts'
import type { RealtimeBase } from '../open-base.ts'
import { closeEnded } from './close-sockets.ts'

const patienceMs = 2000

/** Learns which sessions ended, from the users service's events and by asking it, and closes their sockets. */
export function openGuard(
  { redis, log, users }: RealtimeBase,
  { io, figures }: { io: RealtimeServer; figures: Figures },
): SessionGuard {
  return createSessionGuard({
    redis,
    log,
    streams: streamNames('users'),
    listEnded: async () =>
      (await users.call(usersApi.listEndedSessions, { timeoutMs: patienceMs })).sessionIds,
    onEnded: (ended) => closeEnded({ io, figures }, ended),
  })
}
