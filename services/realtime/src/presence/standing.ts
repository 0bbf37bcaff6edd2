import type { ServerEventData } from '@finnigram/contracts'
import type { PresenceStatus } from './presence-leases.ts'

/** How someone stands who is watched here. */
export interface Standing {
  /** Undefined while it is not known. */
  status: PresenceStatus | undefined
  /** Somebody who watches was told nothing, since it could not be read: the next answer is for all. */
  isOwed: boolean
  lastSeenAt: string | null
  /** How often everyone who watches was told: whoever watched before the last time knows. */
  tellings: number
}

/** As it is told. What is not known is `unknown`, never `offline`. */
export const toPresence = (
  userId: string,
  { status, lastSeenAt }: Pick<Standing, 'status' | 'lastSeenAt'>,
): ServerEventData['presence'] => ({
  userId,
  status: status ?? 'unknown',
  lastSeenAt: status === 'offline' ? lastSeenAt : null,
})

/** Times in one format order as text. */
export const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a)
