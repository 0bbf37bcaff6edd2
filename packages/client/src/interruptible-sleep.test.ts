import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createInterruptibleSleep, sleep } from './interruptible-sleep.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function ended(waiting: Promise<void>): Promise<boolean> {
  let done = false
  void waiting.then(() => {
    done = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return done
}

test('a wait ends by itself, by a wake, or by the end of everything', async () => {
  const ending = new AbortController()
  const wait = createInterruptibleSleep(ending.signal)
  const first = wait.atMost(1000)
  expect(await ended(first)).toBe(false)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await ended(first)).toBe(true)

  const second = wait.atMost(1000)
  wait.wake()
  expect(await ended(second)).toBe(true)

  const third = wait.atMost(1000)
  ending.abort()
  expect(await ended(third)).toBe(true)
  expect(await ended(wait.atMost(1000))).toBe(true)
})

test('a pause is cut short without an error and leaves no timer', async () => {
  const ending = new AbortController()
  const pausing = sleep(1000, ending.signal)
  expect(await ended(pausing)).toBe(false)
  ending.abort()
  expect(await ended(pausing)).toBe(true)
  expect(await ended(sleep(1000, ending.signal))).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
