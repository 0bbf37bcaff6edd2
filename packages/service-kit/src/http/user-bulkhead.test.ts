import type { Response } from 'express'
import { expect, test } from 'vitest'
import { createMetrics } from '../metrics/metrics.ts'
import { type Caller, createPersonTurns } from './user-bulkhead.ts'

const callerOf = (userId: string): Caller => ({
  actor: { userId, sessionId: 'session', expiresAt: 0 },
  response: { destroyed: false, writableEnded: false } as Response,
})

test('who is answered very much waits for their next turn, and nobody else does', async () => {
  // 160 KiB at once and 40 a second.
  const turns = createPersonTurns({ metrics: createMetrics('test'), scale: 0.01 * 1.024 })
  const [greedy, other] = [callerOf('greedy'), callerOf('other')]
  const begun = performance.now()
  for (let n = 0; n < 4; n += 1) await turns.run(greedy, async () => 60_000)

  await expect(turns.runInOwnQueue(greedy, async () => 1)).rejects.toMatchObject({ code: 'rate_limited' })
  expect(await turns.runInOwnQueue(other, async () => 1)).toBe(1)
  expect(await turns.run(other, async () => 1)).toBe(1)
  for (let n = 0; n < 4; n += 1) await turns.run(greedy, async () => 0)

  expect(performance.now() - begun).toBeGreaterThan(1_000)
})
