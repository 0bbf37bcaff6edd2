import { expect, test } from 'vitest'
import type { Evidence } from '../history/history.ts'
import { found, spoiled } from './mutate-history.ts'

const busyChat = ({ devices }: Evidence) =>
  found(devices[0]?.view.messages.find(({ kept }) => kept.length > 2))

test('messages that wait on a device for ever never caught up', () => {
  const { kinds } = spoiled((evidence) => {
    busyChat(evidence).waiting = 1
  })
  expect([...kinds]).toEqual(['never caught up'])
})

test('what was wrong in a list while it was on screen is a glitch', () => {
  const { kinds, whats } = spoiled(({ devices, conversations }) => {
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
  const kept = spoiled((evidence) => {
    found(busyChat(evidence).kept[0]).reactions.push({ emoji: '🦩', userIds: [] })
  })
  expect([...kept.kinds]).toEqual(['view differs'])
  const listed = spoiled(({ devices }) => {
    found(devices.find(({ view }) => view.list.length > 1)).view.list.reverse()
  })
  expect([...listed.kinds]).toEqual(['view differs'])
  const marked = spoiled(({ devices }) => {
    const conversation = found(devices[0]?.view.conversations.find((one) => one.participants.length > 1))
    found(conversation.participants[1]).lastReadSeq += 1
  })
  expect([...marked.kinds]).toEqual(['view differs'])
})

test('between two versions, what only one of them tells is compared with nothing', () => {
  const withoutMuting = (evidence: Evidence) => {
    const conversation = found(evidence.answers[0]?.conversations[0])
    Reflect.deleteProperty(conversation.me, 'mutedUntil')
  }
  expect([...spoiled(withoutMuting).kinds]).toEqual(['view differs'])
  const mixed = spoiled((evidence) => {
    withoutMuting(evidence)
    evidence.isMixed = true
  })
  expect([...mixed.kinds]).toEqual([])
})
