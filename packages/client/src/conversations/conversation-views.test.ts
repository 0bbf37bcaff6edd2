import { expect, test } from 'vitest'
import { chat, makeConversation, makeMessage, me, other } from '../../tests/make-message.ts'
import { emptyMemory } from '../replica/memory.ts'
import { createConversationViews } from './conversation-views.ts'

function aList() {
  const memory = emptyMemory()
  const typing = new Map<string, readonly string[]>()
  const put = (id: string, changes: Parameters<typeof makeConversation>[1] = {}) =>
    memory.conversations.set(id, {
      conversation: makeConversation(1, { id, ...changes }),
      historyStart: null,
    })
  const nobody: readonly string[] = []
  const views = createConversationViews({
    me,
    memory,
    typingIn: (id) => typing.get(id) ?? nobody,
    person: () => undefined,
  })
  return { memory, typing, put, views }
}

test('a view is the same object until something in it changes', () => {
  const { memory, typing, put, views } = aList()
  put(chat)
  put('b', { lastMessage: makeMessage(9) })
  views.changed([chat, 'b'])
  const [before, list] = [views.get(chat), views.list()]
  views.changed([chat])
  expect(views.list()).toBe(list)
  memory.drafts.set(chat, { text: 'hm' })
  views.changed([chat])
  expect(views.get(chat)).toMatchObject({ draft: 'hm' })
  expect(views.get(chat)).not.toBe(before)
  expect(views.list().find(({ id }) => id === 'b')).toBe(list.find(({ id }) => id === 'b'))
  typing.set(chat, [other])
  views.changed([chat])
  expect(views.get(chat)?.typing).toEqual([other])
})

test('pinned first, then latest activity', () => {
  const { put, views } = aList()
  put('old', { lastMessage: makeMessage(1) })
  put('new', { lastMessage: makeMessage(50) })
  const pinned = makeConversation(1)
  put('pinned', { lastMessage: null, me: { ...pinned.me, pinned: true } })
  views.changed(['old', 'new', 'pinned'])
  expect(views.list().map(({ id }) => id)).toEqual(['pinned', 'new', 'old'])
})

test('a group that I was let into just now comes first, though I may read nothing of it yet', () => {
  const { put, views } = aList()
  const { participants, ...conversation } = makeConversation(1)
  const joinedAt = '2100-01-01T00:00:00.000Z'
  const withMe = participants.map((one) => (one.userId === me ? { ...one, joinedAt } : one))
  put('talk', { ...conversation, id: 'talk', lastMessage: makeMessage(50) })
  put('group', { ...conversation, id: 'group', lastMessage: null, participants: withMe })
  views.changed(['talk', 'group'])
  expect(views.list().map(({ id }) => id)).toEqual(['group', 'talk'])
})

test('of the same millisecond the younger conversation comes first, as the server lists them', () => {
  const { put, views } = aList()
  put('a', { lastMessage: makeMessage(1) })
  put('b', { lastMessage: makeMessage(1) })
  views.changed(['a', 'b'])
  expect(views.list().map(({ id }) => id)).toEqual(['b', 'a'])
})

test('a title for every kind', () => {
  const { put, views } = aList()
  put(chat)
  put('group', { kind: 'group', title: 'Us' })
  put('self', { participants: makeConversation(0).participants.slice(0, 1) })
  views.changed([chat, 'group', 'self'])
  expect(views.get(chat)).toMatchObject({ displayTitle: 'Other', peer: { id: other } })
  expect(views.get('group')?.displayTitle).toBe('Us')
  expect(views.get('group')?.peer).toBeUndefined()
  expect(views.get('self')).toMatchObject({ displayTitle: 'Me', peer: { id: me } })
})

test('a conversation that is gone leaves the list', () => {
  const { memory, put, views } = aList()
  put(chat)
  views.changed([chat])
  expect(views.list()).toHaveLength(1)
  memory.conversations.delete(chat)
  views.changed([chat])
  expect(views.list()).toHaveLength(0)
  expect(views.get(chat)).toBeUndefined()
})

test('a thousand conversations cost little when one of them changes', () => {
  const { memory, put, views } = aList()
  for (let number = 0; number < 1000; number += 1) put(`c${number}`, { lastMessage: makeMessage(number + 1) })
  views.changed(memory.conversations.keys())
  views.list()
  const begun = performance.now()
  for (let round = 0; round < 100; round += 1) {
    memory.drafts.set('c500', { text: String(round) })
    views.changed(['c500'])
    views.list()
  }
  expect((performance.now() - begun) / 100).toBeLessThan(10)
})
