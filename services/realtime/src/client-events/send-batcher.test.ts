import { newId, type SendResult } from '@finnigram/contracts'
import { AppError, type InternalClient } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createSendBatcher } from './send-batcher.ts'

test('while the messages service hangs, the queue of sends is bounded and more are refused at once', async () => {
  const asked = Promise.withResolvers<never>()
  asked.promise.catch(() => {})
  const messages: InternalClient = {
    call: () => asked.promise,
    open: () => asked.promise,
    [Symbol.dispose]() {},
  }
  const submit = createSendBatcher(messages)
  const text = 'x'.repeat(16_000)
  const sendOne = () =>
    submit({ id: newId(), conversationId: newId(), senderId: newId(), requestId: newId(), text })

  const sends = Array.from({ length: 1500 }, sendOne)
  const refused = await Promise.race(sends.map(toCode))
  expect(refused).toBe('unavailable')

  asked.reject(new AppError('unavailable'))
  const codes = await Promise.all(sends.map(toCode))
  expect(codes.filter((code) => code !== 'unavailable')).toEqual([])
  expect(await toCode(sendOne())).toBe('unavailable')
})

const toCode = (send: Promise<SendResult>) =>
  send.then(
    () => 'stored',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  )
