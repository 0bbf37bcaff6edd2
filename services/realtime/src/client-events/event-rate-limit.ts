import type { Connection } from '../connection.ts'

/** Events a socket may send in one go, and how many come back each second. */
const burst = 200
const perSecond = 40
/** Someone who goes on regardless of this many refusals in a row is not a client any more. */
const patience = 200

export type AllowanceOutcome = 'allowed' | 'refused' | 'abusive'

/** Takes `cost` events from what the socket may still send (a token bucket); `scale` multiplies the limit. */
export function consumeAllowance(
  connection: Connection,
  { cost, scale, now }: { cost: number; scale: number; now: number },
): AllowanceOutcome {
  const seconds = (now - connection.allowanceAt) / 1000
  connection.allowance = Math.min(burst * scale, connection.allowance + seconds * perSecond * scale)
  connection.allowanceAt = now
  if (connection.allowance >= cost) {
    connection.allowance -= cost
    connection.refused = 0
    return 'allowed'
  }
  connection.refused += 1
  return connection.refused > patience ? 'abusive' : 'refused'
}
