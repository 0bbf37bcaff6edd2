import { expect, test } from 'vitest'
import { createEmittedVersions } from './emitted-versions.ts'

test('a version that was emitted, or an older one, is not emitted again', () => {
  const versions = createEmittedVersions()
  expect([1, 2, 2, 1, 3].map((version) => versions.advance('chat', version))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ])
})

test('conversations do not disturb each other', () => {
  const versions = createEmittedVersions()
  expect(versions.advance('one', 5)).toBe(true)
  expect(versions.advance('other', 1)).toBe(true)
})

test('the conversations that were quiet longest are forgotten first', () => {
  const versions = createEmittedVersions(2)
  for (const id of ['a', 'b', 'a', 'c']) versions.advance(id, versions.advance(id, 1) ? 2 : 3)
  expect(versions.advance('a', 1)).toBe(false)
  expect(versions.advance('b', 1)).toBe(true)
})
