import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createReceivers } from './create-receivers.ts'

test('of many requests for one upload only the newest receives after the one before', async () => {
  const receivers = createReceivers(createMetrics('test'))
  const ended = Promise.withResolvers<string>()
  let received = 0
  const send = (receive: () => Promise<string>, stop = () => {}) =>
    receivers.run({ ownerId: 'ada', uploadId: 'film', stop }, () => {
      received += 1
      return receive()
    })
  const first = send(
    () => ended.promise,
    () => ended.resolve('stopped'),
  )
  await expect.poll(() => received).toBe(1)
  const others = Promise.allSettled(Array.from({ length: 100 }, () => send(async () => 'whole')))
  expect(await first).toBe('stopped')
  const results = await others
  expect(results.slice(0, -1).every(({ status }) => status === 'rejected')).toBe(true)
  expect(results.at(-1)).toEqual({ status: 'fulfilled', value: 'whole' })
  expect(received).toBe(2)
})
