import { expect, test } from 'vitest'
import { MessageId, NewMessageId, newId } from './ids.ts'

test('ids made in one burst ascend and are unique', () => {
  const ids = Array.from({ length: 10_000 }, newId)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})

test('an id is a UUIDv7 that carries its time', () => {
  const before = Date.now()
  const id = newId()
  expect(NewMessageId.safeParse(id).success).toBe(true)
  const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(before + 1000)
})

test('an id is compared in lower case, and another version is not taken for a new message', () => {
  const id = newId()
  expect(MessageId.parse(id.toUpperCase())).toBe(id)
  expect(NewMessageId.safeParse(crypto.randomUUID()).success).toBe(false)
})
