import { expect, test } from 'vitest'
import { settleMemberships } from './memberships.ts'

const added = (version: number) => ({ conversationId: 'chat', version, isMember: true })
const removed = (version: number) => ({ conversationId: 'chat', version, isMember: false })
const joinedAt = (joinedVersion: number) => [{ id: 'chat', joinedVersion }]

test('the answer stands when nothing happened meanwhile', () => {
  expect([...settleMemberships(joinedAt(1), [])]).toEqual([['chat', 1]])
})

test('someone added after the answer was made is in', () => {
  expect([...settleMemberships([], [added(4)])]).toEqual([['chat', 4]])
})

test('someone removed after the answer was made is out', () => {
  expect([...settleMemberships(joinedAt(1), [removed(4)])]).toEqual([])
})

test('an old removal does not undo a later return that the answer knows', () => {
  expect([...settleMemberships(joinedAt(10), [removed(5), added(10)])]).toEqual([['chat', 10]])
  expect([...settleMemberships(joinedAt(10), [removed(5)])]).toEqual([['chat', 10]])
})

test('removed and added again is in, from the later version', () => {
  expect([...settleMemberships(joinedAt(1), [removed(5), added(9)])]).toEqual([['chat', 9]])
})

test('added and removed is out', () => {
  expect([...settleMemberships([], [added(5), removed(9)])]).toEqual([])
})
