import { expect, test } from 'vitest'
import { createYieldToEventLoop } from './vapid.ts'

test('between two calls the event loop does other work', async () => {
  const order: string[] = []
  const turn = createYieldToEventLoop()
  const working = Promise.all(['a', 'b', 'c'].map((name) => turn().then(() => order.push(name))))
  const other = () => {
    order.push('-')
    if (order.length < 10) setImmediate(other)
  }
  setImmediate(other)
  await working
  expect(order.join('')).toMatch(/^-?a-+b-+c$/)
})
