import { expect, test } from 'vitest'
import { frames, messageNumbers, messageText, readAck } from './frames.ts'

test('numbers are found again in a frame of several events', () => {
  const event = (number: number) => ({
    type: 'message.created',
    data: { message: { text: messageText(number) } },
  })
  expect(messageNumbers(`42${JSON.stringify(['events', [event(0), event(41), event(99_999)]])}`)).toEqual([
    0, 41, 99_999,
  ])
  expect(messageText(7)).toHaveLength(200)
})

test('an acknowledgement tells its id and whether it was good', () => {
  expect(readAck('4317[{"ok":true,"message":{}}]')).toEqual({ id: 17, ok: true })
  expect(readAck('433[{"ok":false,"error":{}}]')).toEqual({ id: 3, ok: false })
  expect(readAck(frames.ping)).toBeNull()
})
