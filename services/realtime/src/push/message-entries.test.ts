import { expect, test } from 'vitest'
import { readSeq } from './message-entries.ts'

const event = (message: object) => JSON.stringify({ type: 'message.created', data: { message } })

test('the seq is found wherever it is in the payload, and whatever the text says', () => {
  const text = '"message":{"seq":9,"text":"x'
  expect(readSeq(event({ seq: 4, text }))).toBe(4)
  expect(readSeq(event({ id: 'm', text, replyTo: { seq: 2 }, seq: 5 }))).toBe(5)
})

test.each(['', '{', 'null', '{}', event({}), event({ seq: 'one' })])('%j has none', (payload) => {
  expect(readSeq(payload)).toBeUndefined()
})
