import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { SecretsKey } from '../config.ts'
import { createSealer } from './sealer.ts'

const newKey = () => randomBytes(32).toString('base64')
const secret = Buffer.from('the shared secret')

test('a sealed value opens for the same purpose, and sealing twice gives different values', () => {
  const sealer = createSealer(newKey())
  const sealed = sealer.seal('totp 1', secret)
  expect(sealer.open('totp 1', sealed)).toEqual(secret)
  expect(sealed.includes(secret)).toBe(false)
  expect(sealer.seal('totp 1', secret)).not.toEqual(sealed)
  expect(sealer.open('empty', sealer.seal('empty', Buffer.alloc(0)))).toHaveLength(0)
})

test('a value sealed for one purpose or user opens for no other', () => {
  const sealer = createSealer(newKey())
  expect(() => sealer.open('totp 2', sealer.seal('totp 1', secret))).toThrow()
})

test('a value of which any byte was changed does not open', () => {
  const sealer = createSealer(newKey())
  const sealed = sealer.seal('totp 1', secret)
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => sealer.open('totp 1', changed), `byte ${at}`).toThrow()
  }
  for (const short of [sealed.subarray(0, -1), sealed.subarray(0, 8), Buffer.alloc(0)]) {
    expect(() => sealer.open('totp 1', short)).toThrow()
  }
})

test('a new key in front seals, the old one still opens its values, and without it they do not open', () => {
  const [old, next] = [newKey(), newKey()]
  const sealed = createSealer(old).seal('totp 1', secret)
  const both = createSealer(`${next},${old}`)
  expect(both.open('totp 1', sealed)).toEqual(secret)
  expect(both.isCurrent(sealed)).toBe(false)
  expect(both.isCurrent(both.seal('totp 1', secret))).toBe(true)
  expect(() => createSealer(next).open('totp 1', sealed)).toThrow(/SECRETS_KEY/)
})

test.each([
  '',
  'short',
  `${newKey()},`,
  randomBytes(31).toString('base64'),
  randomBytes(33).toString('base64'),
])('%j is no key', (text) => {
  expect(SecretsKey.safeParse(text).success).toBe(false)
})

test('a key may be given in base64 or base64url', () => {
  for (const form of ['base64', 'base64url'] as const) {
    expect(SecretsKey.safeParse(randomBytes(32).toString(form)).success).toBe(true)
  }
})
