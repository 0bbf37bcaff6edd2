import { expect, test } from 'vitest'
import type { RunHistory } from '../history/history.ts'
import { found, mutated } from './mutate-history.ts'

const busyChat = ({ devices }: RunHistory) =>
  found(devices[0]?.view.messages.find(({ kept }) => kept.length > 2))

test('messages that wait on a device for ever never caught up', () => {
  const { kinds } = mutated((history) => {
    busyChat(history).waiting = 1
  })
  expect([...kinds]).toEqual(['never caught up'])
})

test('what was wrong in a list while it was on screen is a glitch', () => {
  const { kinds, whats } = mutated(({ devices, conversations }) => {
    found(devices[0]).glitches.push({
      at: 7,
      conversationId: found(conversations[0]).id,
      what: 'a message came twice',
    })
  })
  expect([...kinds]).toEqual(['glitch'])
  expect(whats).toContain('a message came twice')
})

test('what a device keeps or lists otherwise than the API is a view that differs', () => {
  const kept = mutated((history) => {
    found(busyChat(history).kept[0]).reactions.push({ emoji: '🦩', userIds: [] })
  })
  expect([...kept.kinds]).toEqual(['view differs'])
  const listed = mutated(({ devices }) => {
    found(devices.find(({ view }) => view.list.length > 1)).view.list.reverse()
  })
  expect([...listed.kinds]).toEqual(['view differs'])
  const marked = mutated(({ devices }) => {
    const conversation = found(devices[0]?.view.conversations.find((one) => one.participants.length > 1))
    found(conversation.participants[1]).lastReadSeq += 1
  })
  expect([...marked.kinds]).toEqual(['view differs'])
})

test('between two versions, what only one of them tells is compared with nothing', () => {
  const withoutMuting = (history: RunHistory) => {
    const conversation = found(history.answers[0]?.conversations[0])
    Reflect.deleteProperty(conversation.me, 'mutedUntil')
  }
  expect([...mutated(withoutMuting).kinds]).toEqual(['view differs'])
  const mixed = mutated((history) => {
    withoutMuting(history)
    history.isMixed = true
  })
  expect([...mixed.kinds]).toEqual([])
})
