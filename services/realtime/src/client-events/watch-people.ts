import type { ClientEventData } from '@finnigram/contracts'
import { AppError, type RateLimit } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import type { Asked } from './handlers.ts'
import { spendAllowance } from './event-rate-limit.ts'

/** Each person is a question to Redis: this many are worth one event. */
const peoplePerEvent = 25

/** All sockets of a person together: a hundred of them would ask Redis more than it can answer. */
const personLimit: RateLimit = { name: 'watch', points: 100, perSeconds: 10, inProcess: true }

/** Tells the socket how these people stand, now and from now on. Throws `rate_limited`, or `validation_failed` when it watches too many. */
export async function watchPeople(
  { presence, config, limits }: RealtimeContext,
  { socket }: Asked,
  { userIds }: ClientEventData['watch'],
): Promise<Record<string, never>> {
  const cost = Math.floor(userIds.length / peoplePerEvent)
  const spending = { cost, scale: config.RATE_LIMIT_SCALE, now: performance.now() }
  if (spendAllowance(socket.data, spending) !== 'allowed') throw new AppError('rate_limited')
  await limits.consume(personLimit, socket.data.userId)
  await presence.watch(socket, userIds)
  return {}
}
