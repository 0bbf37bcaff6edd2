import {
  type ConversationEvent,
  type ConversationEventData,
  type ConversationEventType,
  conversationEventData,
  newId,
  streamName,
  streamPartitions,
} from '@finnigram/contracts'
import { partitionOf } from '@finnigram/service-kit'
import { eventually, expectLog } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { toMessage } from './fixture/start-fake-messages.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toGroup, toParticipant } from './fixture/to-participant.ts'

let environment: Environment
beforeAll(async () => {
  environment = await startEnvironment({ nodes: 2 })
})
afterAll(() => environment[Symbol.asyncDispose]())

interface SampleIds {
  chat: string
  annaId: string
  benId: string
}
const reference = () => ({ messageId: newId(), seq: 1 })
const reaction = ({ annaId }: SampleIds) => ({ ...reference(), emoji: '👍', userId: annaId })

/** One of each: a type that is new in the contract has to be added here. */
const samples: { [T in ConversationEventType]: (opened: SampleIds) => ConversationEventData[T] } = {
  'message.created': ({ chat }) => ({ message: toMessage(chat, newId(), 'new') }),
  'message.edited': ({ chat }) => ({
    message: { ...toMessage(chat, newId(), 'better'), editedAt: new Date().toISOString() },
  }),
  'message.deleted': () => ({ id: newId(), seq: 1 }),
  'reaction.added': reaction,
  'reaction.removed': reaction,
  'message.pinned': reference,
  'message.unpinned': reference,
  'conversation.created': ({ chat, annaId, benId }) => toGroup(chat, [annaId, benId]),
  'conversation.updated': () => ({ title: 'Other', avatarUrl: null, sharesHistory: true }),
  'participant.added': () => ({ participant: toParticipant(newId()) }),
  'participant.removed': () => ({ userId: newId() }),
  'participant.role_changed': ({ benId }) => ({ userId: benId, role: 'admin' }),
}

const types = Object.keys(conversationEventData) as ConversationEventType[]
test.each(types)(
  '%s reaches everyone of the conversation on all nodes, as it was published, and nobody else',
  async (type) => {
    const [anna, ben, carl] = [newWho(), newWho(), newWho()]
    const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
    const devices = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
    const stranger = await environment.connect(carl, 0)

    const data = samples[type]({ chat, annaId: anna.userId, benId: ben.userId })
    const event: ConversationEvent = await environment.fakeMessages.publishEvent(chat, type, data)

    for (const device of devices) await eventually(() => expect(device.events()).toEqual([event]))
    expect(stranger.events()).toEqual([])
  },
)

/**
 * How each can be wrong, by type: no JSON, another type, a part that is missing or of another kind.
 */
const unreadable: [type: string, payload: (chat: string, userId: string) => string][] = [
  ['message.created', () => '{"conversationId":'],
  ['message.created', (chat) => factText(chat, 'message.created', { message: { seq: 1 } })],
  ['participant.removed', (chat) => factText(chat, 'participant.removed', {})],
  ['participant.added', (chat, userId) => factText(chat, 'participant.removed', { userId })],
  ['conversation.updated', (chat) => factText(chat, 'conversation.updated', { title: 7 })],
  ['account', (_, userId) => JSON.stringify({ userId, type: 'message.starred', data: { messageId: 1 } })],
  ['account', (_, userId) => JSON.stringify({ userId, data: {} })],
  ['user.updated', (_, id) => JSON.stringify({ user: { id } })],
  ['block.changed', (_, userId) => JSON.stringify({ userId, isBlocked: 'yes' })],
  ['session.ended', () => 'null'],
]
const factText = (conversationId: string, type: string, data: object) =>
  JSON.stringify({ conversationId, version: 2, type, at: new Date().toISOString(), actorId: newId(), data })

test.each(unreadable)(
  'a %s that cannot be read is told to nobody and parked once, and whom it concerns syncs (%#)',
  async (type, payload) => {
    expectLog(/An event could not be delivered/)
    expectLog(/A message entry cannot be read/)
    const [anna, ben] = [newWho(), newWho()]
    const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
    const devices = [await environment.connect(anna, 0), await environment.connect(anna, 1)]
    const [owner, partition, key] =
      type === 'account' || type.includes('user') || type.includes('block') || type.includes('session')
        ? (['users', 0, anna.userId] as const)
        : (['messages', partitionOf(chat, streamPartitions.messages), chat] as const)
    const text = payload(chat, anna.userId)
    await environment.fakeMessages.publishEntry({
      stream: streamName(owner, partition),
      type,
      key,
      payload: text,
    })

    for (const device of devices) await device.waitFor('resync')
    const [first] = environment.nodes
    const isDelivery = ({ what, reason }: { what: string; reason: string }) =>
      what === `${type} of ${key}` && reason !== 'It names no message'
    const parked = async () => (await first?.ctx.parked.list({ limit: 100 }))?.filter(isDelivery) ?? []
    await eventually(async () => expect(await parked()).toHaveLength(1))
    const [item] = await parked()
    await expect(first?.ctx.parked.retry({ kind: 'event', id: item?.id ?? '' })).rejects.toThrow()
    expect(await first?.ctx.parked.drop({ kind: 'event', id: item?.id ?? '' })).toBe(true)
    for (const device of devices) expect(device.events()).toEqual([])
  },
)

test('an unknown event type is skipped and counted, and blocks nothing', async () => {
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const device = await environment.connect(anna, 0)
  const stream = streamName('messages', partitionOf(chat, streamPartitions.messages))
  for (const type of ['message.sung', 'constructor', '__proto__'])
    await environment.fakeMessages.publishEntry({ stream, type, key: chat, payload: '{}' })
  const event = await environment.fakeMessages.say(chat, 'hello')
  await eventually(() => expect(device.events()).toEqual([event]))
  const metrics = await (await fetch(`${environment.nodes[0]?.url}/metrics`)).text()
  expect(metrics).toMatch(/events_unknown_total\{reader="realtime-delivery"[^}]*\} 3/)
})
