import { expect, test } from 'vitest'
import { createRestartSemaphore } from './restart-limiter.ts'

test('restarts wait for each other, in their order', async () => {
  const semaphore = createRestartSemaphore(1)
  const begun: number[] = []
  const begin = async (number: number) => {
    const end = await semaphore.acquire()
    begun.push(number)
    return end
  }
  const [first, second] = [begin(1), begin(2), begin(3)]
  const end = await first
  expect(begun).toEqual([1])
  end()
  end()
  ;(await second)()
  await expect.poll(() => begun).toEqual([1, 2, 3])
})

test('a process that does not come up delays the others only briefly', async () => {
  const semaphore = createRestartSemaphore(1)
  await semaphore.acquire()
  expect(await semaphore.acquire()).toBeTypeOf('function')
})
