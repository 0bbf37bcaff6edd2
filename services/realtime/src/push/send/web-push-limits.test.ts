import { expect, test } from 'vitest'
import { createCircuitBreakers, createPersonLimits } from './web-push-limits.ts'

test('the notifications in flight of one person are bounded, without delay for others', () => {
  const limits = createPersonLimits()
  for (let i = 0; i < 8; i += 1) {
    expect(limits.openForMs('anna')).toBe(undefined)
    limits.begin('anna')
  }
  expect(limits.openForMs('anna')).toBe(1000)
  expect(limits.openForMs('ben')).toBe(undefined)
  limits.end('anna', true, 0)
  expect(limits.openForMs('anna')).toBe(undefined)
})

test("failures of a person's browsers in a row open their circuit, whatever the hosts", () => {
  const limits = createPersonLimits()
  const send = (isWell: boolean) => {
    limits.begin('anna')
    limits.end('anna', isWell, performance.now())
  }
  for (let i = 0; i < 4; i += 1) send(false)
  expect(limits.openForMs('anna')).toBe(undefined)
  send(false)
  expect(limits.openForMs('anna')).toBeGreaterThan(0)
  expect(limits.openForMs('ben')).toBe(undefined)
  send(true)
  expect(limits.openForMs('anna')).toBe(undefined)
})

test('a moment in which everything in flight fails opens the circuit for a moment, not for a minute', () => {
  const breakers = createCircuitBreakers()
  const startedAt = performance.now()
  for (let i = 0; i < 40; i += 1) breakers.record('push.example', false, startedAt)
  expect(breakers.openForMs('push.example')).toBeGreaterThan(0)
  expect(breakers.openForMs('push.example')).toBeLessThanOrEqual(2_000)
})

test('attempts that fail after the circuit closed again open it for longer each time', () => {
  const breakers = createCircuitBreakers()
  let startedAt = performance.now()
  const longest: number[] = []
  for (let round = 0; round < 12; round += 1) {
    for (let i = 0; i < 5; i += 1) breakers.record('push.example', false, startedAt)
    longest.push(breakers.openForMs('push.example') ?? 0)
    startedAt += 70_000
  }
  expect(Math.max(...longest)).toBeGreaterThan(4_000)
  expect(Math.max(...longest)).toBeLessThanOrEqual(61_000)
})
