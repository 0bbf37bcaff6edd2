import type { Connection } from '../connection.ts'

/** Token bucket of a socket: events at once, and tokens a second. */
const burst = 200
const perSecond = 40
/** More refusals in a row than this are a flood. */
const patience = 200

export type AllowanceOutcome = 'allowed' | 'refused' | 'abusive'

/** Takes `cost` tokens from the socket's token bucket. `scale` multiplies burst and rate. */
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
