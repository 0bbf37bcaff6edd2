import { expect, test } from 'vitest'
import type { Evidence } from '../history/history.ts'
import { found, pushToOneWhoHadIt, spoiled } from './mutate-history.ts'

/** Somebody is notified of a message, and something holds against that. */
function notified(change: (evidence: Evidence, of: { userId: string; conversationId: string }) => void) {
  return spoiled((evidence) => {
    const push = pushToOneWhoHadIt(evidence)
    const { userId } = found(evidence.devices.find(({ pushId }) => pushId === push.pushId))
    evidence.pushes?.sent.push(push)
    for (const device of evidence.devices) device.told = []
    change(evidence, { userId, conversationId: push.conversationId ?? '' })
  })
}

test('a notification to who wants none of the conversation, or has muted it, is needless', () => {
  const participantOf = (evidence: Evidence, of: { userId: string; conversationId: string }) =>
    found(
      evidence.conversations
        .find(({ id }) => id === of.conversationId)
        ?.participants.find(({ userId }) => userId === of.userId),
    )
  const silent = notified((evidence, of) => {
    participantOf(evidence, of).notify = 'none'
  })
  expect(silent.kinds).toContain('push needless')
  expect(silent.whats).toContain('which does not call its person')
  const muted = notified((evidence, of) => {
    participantOf(evidence, of).mutedUntil = 10 ** 9
  })
  expect(muted.whats).toContain('which does not call its person')
})

test('a notification of what one wrote oneself is needless', () => {
  const { whats } = notified(({ conversations }, { userId, conversationId }) => {
    const { messages } = found(conversations.find(({ id }) => id === conversationId))
    for (const message of messages) message.senderId = userId
  })
  expect(whats).toContain('which does not call its person')
})
