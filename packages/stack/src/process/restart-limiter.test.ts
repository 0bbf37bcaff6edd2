import { expect, test } from 'vitest'
import { createRestartSemaphore } from './restart-limiter.ts'

test('those who restart at once take turns, in their order', async () => {
  const turns = createRestartSemaphore(1)
  const begun: number[] = []
  const begin = async (number: number) => {
    const end = await turns.take()
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

test('who does not come up keeps nobody waiting for long', async () => {
  const turns = createRestartSemaphore(1)
  await turns.take()
  expect(await turns.take()).toBeTypeOf('function')
})
