import {
  type ConversationEvent,
  type ConversationEventData,
  type ConversationEventType,
  conversationEventData,
  newId,
} from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toMessage } from './fixture/start-archive.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
import { toGroup, toParticipant } from './fixture/to-participant.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ nodes: 2 })
})
afterAll(() => world[Symbol.asyncDispose]())

interface Scene {
  chat: string
  annaId: string
  benId: string
}
const reference = () => ({ messageId: newId(), seq: 1 })
const reaction = ({ annaId }: Scene) => ({ ...reference(), emoji: '👍', userId: annaId })

/** One of each: a type that is new in the contract has to be added here. */
const samples: { [T in ConversationEventType]: (scene: Scene) => ConversationEventData[T] } = {
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
    const chat = world.archive.conversationOf(anna.userId, ben.userId)
    const devices = [await world.enter(anna, 0), await world.enter(ben, 1)]
    const stranger = await world.enter(carl, 0)

    const data = samples[type]({ chat, annaId: anna.userId, benId: ben.userId })
    const event: ConversationEvent = await world.archive.tell(chat, type, data)

    for (const device of devices) await eventually(() => expect(device.facts()).toEqual([event]))
    expect(stranger.facts()).toEqual([])
  },
)
