import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { takeLongestStall } from './watch-event-loop.ts'

beforeEach(async () => {
  takeLongestStall()
  await sleep(50)
  takeLongestStall()
})

test('work without a pause is a stall, reported once', async () => {
  work(100)
  await sleep(50)
  expect(takeLongestStall()).toBeGreaterThan(60)
  await sleep(50)
  expect(takeLongestStall()).toBeLessThan(60)
})

test('waiting without working is none', async () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
  await sleep(50)
  expect(takeLongestStall()).toBeLessThan(60)
})

function work(ms: number) {
  const begun = process.threadCpuUsage()
  for (let used = 0; used < ms * 1_000; ) {
    const { user, system } = process.threadCpuUsage(begun)
    used = user + system
  }
}
