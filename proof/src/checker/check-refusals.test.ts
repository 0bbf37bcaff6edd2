import { expect, test } from 'vitest'
import type { Send } from '../history/history.ts'
import { found, mutated, saidAfterRemoval } from './mutate-history.ts'

test('a message that is refused although its sender took part all the time is named', () => {
  const { kinds, whats } = mutated(({ devices, conversations }) => {
    const { id: conversationId, participants } = found(
      conversations.find((one) => one.participants.every(({ hasLeft }) => !hasLeft)),
    )
    const { userId } = found(participants[0])
    const { sends } = found(devices.find((device) => device.userId === userId))
    sends.push(refusedSend(conversationId))
  })
  expect([...kinds]).toEqual(['refused'])
  expect(whats).toContain('although')
})

test('nothing is refused for what it carries while that is there, and an answer not even when it was deleted', () => {
  const carrying = (isDeleted: boolean, via: Send['via']) =>
    mutated(({ devices, conversations }) => {
      const {
        id: conversationId,
        messages,
        participants,
      } = found(conversations.find((one) => one.messages.some((message) => message.isDeleted === isDeleted)))
      const carries = found(messages.find((message) => message.isDeleted === isDeleted)).id
      const { userId } = found(participants.find(({ hasLeft }) => !hasLeft))
      const { sends } = found(devices.find((device) => device.userId === userId))
      sends.push({ ...refusedSend(conversationId), carries, via })
    }).kinds
  expect([...carrying(false, 'call')]).toEqual(['refused'])
  expect([...carrying(true, 'call')]).toEqual([])
  expect([...carrying(false, 'queue')]).toEqual(['refused'])
  expect([...carrying(true, 'queue')]).toEqual(['refused'])
})

test('a message may be refused whose sender was removed, or that carries another one', () => {
  const { kinds } = mutated((history) => {
    const { conversation, userId } = saidAfterRemoval(history)
    for (const device of history.devices) {
      const isRemoved = device.userId === userId
      device.sends.push({ ...refusedSend(conversation.id), carries: isRemoved ? null : 'another' })
    }
  })
  expect([...kinds]).toEqual([])
})

const refusedSend = (conversationId: string): Send => ({
  ...{ id: '01b00000-0000-7000-8000-000000000001', conversationId, carries: null },
  ...{ enqueuedAt: 1_000, acknowledgedAt: null, seq: null, refused: true },
  via: 'queue',
})
