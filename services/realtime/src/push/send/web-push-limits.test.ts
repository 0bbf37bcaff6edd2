import { expect, test } from 'vitest'
import { createPersonLimits } from './web-push-limits.ts'

test('the notifications in flight of one person are bounded, without delay for others', () => {
  const limits = createPersonLimits()
  for (let i = 0; i < 8; i += 1) {
    expect(limits.openForMs('anna')).toBe(undefined)
    limits.begin('anna')
  }
  expect(limits.openForMs('anna')).toBe(1000)
  expect(limits.openForMs('ben')).toBe(undefined)
  limits.end('anna', true)
  expect(limits.openForMs('anna')).toBe(undefined)
})

test("failures of a person's browsers in a row open their circuit, whatever the hosts", () => {
  const limits = createPersonLimits()
  const send = (isWell: boolean) => {
    limits.begin('anna')
    limits.end('anna', isWell)
  }
  for (let i = 0; i < 4; i += 1) send(false)
  expect(limits.openForMs('anna')).toBe(undefined)
  send(false)
  expect(limits.openForMs('anna')).toBeGreaterThan(0)
  expect(limits.openForMs('ben')).toBe(undefined)
  send(true)
  expect(limits.openForMs('anna')).toBe(undefined)
})
