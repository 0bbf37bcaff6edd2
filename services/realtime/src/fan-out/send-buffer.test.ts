import { type ConversationEvent, emptyEvent } from '@finnigram/contracts'
import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createJoinFloors, createSendBuffer, type IsFor } from './send-buffer.ts'

const chat = 'chat'

/** A conversation whose people are connected, and what each of them is written. */
function openRoom() {
  const floors = createJoinFloors()
  const metrics = createMetrics('test')
  const present: { userId: string; joinedVersions: Map<string, number>; frames: string[] }[] = []
  const outbound = createSendBuffer({
    floors,
    realtimeMetrics: {
      events: metrics.counter('events', 'Facts'),
      frames: metrics.counter('frames', 'Frames', ['event']),
      delay: metrics.histogram('delay', 'Delay'),
    },
    emit(_id, { list: [bytes] }, isFor: IsFor = () => true) {
      const readers = present.filter(isFor)
      for (const { frames } of readers) frames.push(String(bytes))
      return readers.length
    },
  })
  const enter = (userId: string, joinedVersion: number) => {
    const frames: string[] = []
    present.push({ userId, joinedVersions: new Map([[chat, joinedVersion]]), frames })
    floors.raise(chat, joinedVersion)
    return frames
  }
  return { outbound, enter }
}

const fact = (version: number) =>
  emptyEvent({ conversationId: chat, version, at: new Date().toISOString(), actorId: 'somebody' })

test('pending events are not for a person who connects meanwhile and joined after them', () => {
  const { outbound, enter } = openRoom()
  const early = enter('early', 2)
  for (const version of [9, 10, 12]) outbound.add(fact(version), `"fact ${version}"`)
  const late = enter('late', 12)
  outbound.flush(chat)
  expect(early.join()).toMatch(/fact 9.*fact 10.*fact 12/s)
  expect(late.join()).toMatch(/fact 12/)
  expect(late.join()).not.toMatch(/fact (9|10)/)
})

test('an event with a variant goes out after pending events, and some people get the variant', () => {
  const { outbound, enter } = openRoom()
  const [reader, newcomer] = [enter('reader', 2), enter('newcomer', 3)]
  outbound.add(fact(9), '"fact 9"')
  const told: ConversationEvent = {
    ...fact(10),
    type: 'conversation.updated',
    data: { title: 'for readers' },
  }
  outbound.addVariants(told, [{ people: new Set(['newcomer']), instead: fact(10) }])
  expect(reader.join()).toMatch(/fact 9.*for readers/s)
  expect(newcomer).toHaveLength(2)
  expect(newcomer.join()).not.toContain('for readers')
})
