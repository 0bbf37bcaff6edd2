import type { Response } from 'express'
import { expect, test } from 'vitest'
import { createMetrics } from '../metrics/metrics.ts'
import { type Caller, createUserBulkhead } from './user-bulkhead.ts'

const callerOf = (userId: string): Caller => ({
  actor: { userId, sessionId: 'session', expiresAt: 0 },
  response: { destroyed: false, writableEnded: false } as Response,
})

test('a user in debt for answered bytes waits, and nobody else does', async () => {
  // 160 KiB at once and 40 a second.
  const bulkhead = createUserBulkhead({ metrics: createMetrics('test'), scale: 0.01 * 1.024 })
  const [greedy, other] = [callerOf('greedy'), callerOf('other')]
  const begun = performance.now()
  for (let n = 0; n < 4; n += 1) await bulkhead.run(greedy, async () => 60_000)

  await expect(bulkhead.runUnqueued(greedy, async () => 1)).rejects.toMatchObject({ code: 'rate_limited' })
  expect(await bulkhead.runUnqueued(other, async () => 1)).toBe(1)
  expect(await bulkhead.run(other, async () => 1)).toBe(1)
  for (let n = 0; n < 4; n += 1) await bulkhead.run(greedy, async () => 0)

  expect(performance.now() - begun).toBeGreaterThan(1_000)
})
