import { expect, test } from 'vitest'
import { createMutex } from './mutex.ts'

test('tasks run one after the other, whatever becomes of them', async () => {
  const mutex = createMutex()
  const order: string[] = []
  const slow = mutex(async () => {
    order.push('slow begins')
    await Promise.resolve()
    order.push('slow ends')
    throw new Error('slow failed')
  })
  const quick = mutex(async () => {
    order.push('quick')
    return 7
  })
  await expect(slow).rejects.toThrow('slow failed')
  expect(await quick).toBe(7)
  expect(order).toEqual(['slow begins', 'slow ends', 'quick'])
})
