import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTyping } from './typing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a notice lasts six seconds unless it is renewed', () => {
  const changed: string[] = []
  const typing = createTyping({ me: 'ada', publish: (id) => changed.push(id) })
  const notice = { conversationId: 'c', userId: 'grace', active: true }
  typing.update(notice)
  vi.advanceTimersByTime(5_000)
  typing.update(notice)
  vi.advanceTimersByTime(5_000)
  expect(typing.in('c')).toEqual(['grace'])
  vi.advanceTimersByTime(1_000)
  expect(typing.in('c')).toEqual([])
  expect(changed).toEqual(['c', 'c'])
})

test('it ends when it is said to, and my own does not show', () => {
  const typing = createTyping({ me: 'ada', publish: () => undefined })
  typing.update({ conversationId: 'c', userId: 'ada', active: true })
  typing.update({ conversationId: 'c', userId: 'grace', active: true })
  typing.update({ conversationId: 'c', userId: 'linus', active: true })
  const before = typing.in('c')
  expect(before).toEqual(['grace', 'linus'])
  typing.update({ conversationId: 'c', userId: 'grace', active: false })
  expect(typing.in('c')).toEqual(['linus'])
  typing.clear()
  expect(typing.in('c')).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('the list is the same until it changes', () => {
  const typing = createTyping({ me: 'ada', publish: () => undefined })
  typing.update({ conversationId: 'c', userId: 'grace', active: true })
  const before = typing.in('c')
  typing.update({ conversationId: 'c', userId: 'grace', active: true })
  expect(typing.in('c')).toBe(before)
  expect(typing.in('other')).toBe(typing.in('another'))
  typing.clear()
})
