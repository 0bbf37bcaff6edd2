import { expect, test } from 'vitest'
import { openConversationId } from './routes.ts'

test('the open conversation is the one on top, details included', () => {
  const chat = (id: string) => ({ name: 'chat', params: { id } })
  expect(openConversationId({ routes: [{ name: 'home' }] })).toBeUndefined()
  expect(openConversationId({ routes: [{ name: 'home' }, chat('a'), chat('b')] })).toBe('b')
  expect(
    openConversationId({ routes: [chat('a'), { name: 'details', params: { id: 'a' } }, { name: 'new' }] }),
  ).toBe('a')
})
