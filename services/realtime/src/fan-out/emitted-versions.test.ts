import { expect, test } from 'vitest'
import { createEmittedVersions } from './emitted-versions.ts'

test('a version that was emitted, or an older one, is not emitted again', () => {
  const versions = createEmittedVersions()
  expect([1, 2, 2, 1, 3].map((version) => versions.advance('chat', version))).toEqual([
    'next',
    'next',
    'repeated',
    'repeated',
    'next',
  ])
})

test('conversations do not disturb each other', () => {
  const versions = createEmittedVersions()
  expect(versions.advance('one', 5)).toBe('next')
  expect(versions.advance('other', 1)).toBe('next')
})

test('a version after a missing one is a gap, unless the room was empty meanwhile', () => {
  const versions = createEmittedVersions()
  expect([3, 5, 6].map((version) => versions.advance('chat', version))).toEqual(['next', 'gap', 'next'])
  versions.forget('chat')
  expect(versions.advance('chat', 9)).toBe('next')
})

test('the least recently active conversations are evicted first', () => {
  const versions = createEmittedVersions(2)
  for (const id of ['a', 'b', 'a', 'c']) versions.advance(id, versions.advance(id, 1) === 'repeated' ? 3 : 2)
  expect(versions.advance('a', 1)).toBe('repeated')
  expect(versions.advance('b', 1)).toBe('next')
})
