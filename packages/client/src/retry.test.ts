import { expect, test } from 'vitest'
import { localProblem, NetworkProblem } from './api/problems.ts'
import { retry } from './retry.ts'
import { usualTiming } from './timing.ts'

const timing = { ...usualTiming, retryBaseMs: 1, retryMaxMs: 2 }

test('what may pass is tried again, what cannot is thrown', async () => {
  const { signal } = new AbortController()
  const troubles = [new NetworkProblem('timeout'), localProblem('unavailable'), localProblem('rate_limited')]
  const work = async () => {
    const trouble = troubles.pop()
    if (trouble) throw trouble
    return 'done'
  }
  expect(await retry(work, { signal, timing })).toBe('done')
  const refused = async () => {
    throw localProblem('not_found')
  }
  await expect(retry(refused, { signal, timing })).rejects.toMatchObject({ code: 'not_found' })
})

test('it ends with the signal', async () => {
  const ending = new AbortController()
  let tries = 0
  const work = async () => {
    tries += 1
    if (tries === 3) ending.abort()
    throw new NetworkProblem('unreachable')
  }
  expect(await retry(work, { signal: ending.signal, timing })).toBeUndefined()
  expect(tries).toBe(3)
})
