import { expect, test } from 'vitest'
import { newConnection } from '../connection.ts'
import { consumeAllowance } from './event-rate-limit.ts'

const connect = () => newConnection({ userId: 'u', sessionId: 's', expiresAt: 0 })
const at = (now: number) => ({ cost: 1, scale: 1, now })

test('a burst is allowed, then events are refused until the bucket refills', () => {
  const connection = connect()
  const burst = Array.from({ length: 201 }, () => consumeAllowance(connection, at(10)))
  expect(burst.filter((spending) => spending === 'allowed')).toHaveLength(200)
  expect(burst.at(-1)).toBe('refused')
  expect(consumeAllowance(connection, at(60))).toBe('allowed')
})

test('refusals in a row are abusive, a pause resets them', () => {
  const connection = connect()
  const flood = (count: number, now: number) =>
    Array.from({ length: count }, () => consumeAllowance(connection, at(now))).at(-1)
  expect(flood(400, 100_000)).toBe('refused')
  expect(flood(1, 101_000)).toBe('allowed')
  expect(flood(400, 101_000)).toBe('abusive')
})

test('the scale multiplies the limit', () => {
  const connection = connect()
  expect(consumeAllowance(connection, { cost: 1500, scale: 10, now: 100_000 })).toBe('allowed')
})
