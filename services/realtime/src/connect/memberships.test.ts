import { expect, test } from 'vitest'
import { settleMemberships } from './memberships.ts'

const added = (version: number) => ({ conversationId: 'chat', version, isMember: true })
const removed = (version: number) => ({ conversationId: 'chat', version, isMember: false })
const joinedAt = (joinedVersion: number) => [{ id: 'chat', joinedVersion }]

test('the loaded memberships stand without changes meanwhile', () => {
  expect([...settleMemberships(joinedAt(1), [])]).toEqual([['chat', 1]])
})

test('a person added after the load is a member', () => {
  expect([...settleMemberships([], [added(4)])]).toEqual([['chat', 4]])
})

test('a person removed after the load is no member', () => {
  expect([...settleMemberships(joinedAt(1), [removed(4)])]).toEqual([])
})

test('an old removal does not undo a later return that was loaded', () => {
  expect([...settleMemberships(joinedAt(10), [removed(5), added(10)])]).toEqual([['chat', 10]])
  expect([...settleMemberships(joinedAt(10), [removed(5)])]).toEqual([['chat', 10]])
})

test('a person removed and added again is a member from the later version', () => {
  expect([...settleMemberships(joinedAt(1), [removed(5), added(9)])]).toEqual([['chat', 9]])
})

test('a person added and removed is no member', () => {
  expect([...settleMemberships([], [added(5), removed(9)])]).toEqual([])
})
