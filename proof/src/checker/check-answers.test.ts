import { expect, test } from 'vitest'
import type { Answer } from '../history/history.ts'
import { found, mutated, recorded } from './mutate-history.ts'

const busyHistory = ({ histories }: Answer) => found(histories.find(({ messages }) => messages.length > 3))

test('a message that the API leaves out, tells twice or tells otherwise is an answer that differs', () => {
  const out = mutated(({ answers }) => {
    busyHistory(found(answers[0])).messages.splice(2, 1)
  })
  expect(out.kinds).toContain('answer differs')
  const twice = mutated(({ answers }) => {
    const { messages } = busyHistory(found(answers[0]))
    messages.splice(2, 0, found(messages[2]))
  })
  expect(twice.kinds).toContain('doubled')
  const otherwise = mutated(({ answers }) => {
    found(busyHistory(found(answers[0])).messages.find(({ text }) => text !== null)).text = 'something else'
  })
  expect(otherwise.kinds).toContain('answer differs')
  expect(otherwise.whats).toContain('something else')
})

test('a conversation that the API hides, or shows to who is not in it, is an answer that differs', () => {
  const hidden = mutated(({ answers }) => {
    found(answers[0]).list.splice(0, 1)
  })
  expect(hidden.kinds).toContain('answer differs')
  const shown = mutated(({ answers, conversations }) => {
    const { list } = found(answers.find((one) => one.list.length < conversations.length))
    list.push(found(conversations.find(({ id }) => !list.includes(id))).id)
  })
  expect(shown.kinds).toContain('answer differs')
})

test('a pin that the API does not tell is an answer that differs', () => {
  const { kinds } = mutated(({ conversations, answers }) => {
    const { conversationId, messages } = busyHistory(found(answers[0]))
    const conversation = found(conversations.find(({ id }) => id === conversationId))
    conversation.pinnedIds.push(found(messages.find(({ id }) => !conversation.pinnedIds.includes(id))).id)
  })
  expect(kinds).toContain('answer differs')
})

test('an unread count that the API or a device tells wrong has drifted', () => {
  const api = mutated(({ answers }) => {
    found(answers[0]?.conversations[0]).me.unreadCount += 1
  })
  expect(api.kinds).toContain('unread drifted')
  expect(api.whats).toContain(`the API to ${recorded().answers[0]?.userId}`)
  const device = mutated(({ devices }) => {
    found(devices[0]?.view.conversations[0]).me.mentionCount += 1
  })
  expect(device.kinds).toContain('unread drifted')
})
