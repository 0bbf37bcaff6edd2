import type { ClientEventAck, ClientEventData } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { RealtimeContext } from '../context.ts'
import type { Asked } from './handlers.ts'
import { spendAllowance } from './event-rate-limit.ts'

/** Checking a signature is worth as much as this many other events. */
const authoriseCost = 10

/** A fresh token lets a socket live on. It must be of the same person and session, so that no socket becomes somebody else's; throws `forbidden` otherwise. */
export async function authorise(
  { tokens, config }: Pick<RealtimeContext, 'tokens' | 'config'>,
  { socket: { data } }: Asked,
  { token }: ClientEventData['authorise'],
): Promise<ClientEventAck['authorise']> {
  const spending = { cost: authoriseCost, scale: config.RATE_LIMIT_SCALE, now: performance.now() }
  if (spendAllowance(data, spending) !== 'allowed') throw new AppError('rate_limited')
  const { userId, sessionId, expiresAt } = await tokens.verify(token)
  if (userId !== data.userId || sessionId !== data.sessionId) throw new AppError('forbidden')
  data.tokenEndsAt = Math.max(data.tokenEndsAt, expiresAt)
  return { tokenEndsInMs: Math.max(0, data.tokenEndsAt - Date.now()) }
}
