import { messagesApi } from '@finnigram/contracts'
import type { KnownMessage } from '../devices/flight-recorder.ts'
import type { ActionKind } from '../generator/plan.ts'
import { changeSomething } from './change-something.ts'
import { type Performer, pickFrom, type Scene } from './operation.ts'

const emoji = ['👍', '🎉', '😀', '❤️']

/** What people do to messages that are there. */
export const messagePerformers = {
  async edit(scene) {
    const { world, device, conversationId, text, action } = scene
    const target = pickKnown(scene, ({ senderId, isText }) => isText && senderId === device.person.id)
    if (!target) return
    const { id: messageId } = target
    world.texts.push({ number: action.number, messageId, userId: device.person.id, by: 'edit' })
    await changeSomething(world, device, {
      ...{ kind: 'edit', conversationId, subject: messageId, value: String(action.number) },
      work: ({ api }) => api.call(messagesApi.editMessage, { params: { messageId }, body: { text } }),
    })
  },
  async delete(scene) {
    const { world, device, conversationId } = scene
    const target = pickKnown(scene, ({ senderId, isText }) => isText && senderId === device.person.id)
    if (!target) return
    const { id: messageId } = target
    await changeSomething(world, device, {
      ...{ kind: 'delete', conversationId, subject: messageId, value: 'deleted' },
      work: ({ api }) => api.call(messagesApi.deleteMessage, { params: { messageId } }),
    })
  },
  react: (scene) => react(scene, true),
  unreact: (scene) => react(scene, false),
  pin: (scene) => pin(scene, true),
  unpin: (scene) => pin(scene, false),
} satisfies Partial<Record<ActionKind, Performer>>

async function react(scene: Scene, isOn: boolean): Promise<void> {
  const { world, device, conversationId, action } = scene
  const target = pickKnown(scene, ({ isText }) => isText)
  const one = pickFrom(emoji, (action.pick * 7) % 1)
  if (!target || !one) return
  const params = { messageId: target.id, emoji: one }
  await changeSomething(world, device, {
    ...{ kind: 'reaction', conversationId, subject: `${target.id} ${device.person.id} ${one}` },
    value: isOn ? 'on' : 'off',
    work: ({ api }) => api.call(isOn ? messagesApi.addReaction : messagesApi.removeReaction, { params }),
  })
}

async function pin(scene: Scene, isOn: boolean): Promise<void> {
  const { world, device, conversationId } = scene
  const target = pickKnown(scene, ({ isText }) => isText)
  if (!target) return
  const params = { messageId: target.id }
  await changeSomething(world, device, {
    ...{ kind: 'pin', conversationId, subject: target.id, value: isOn ? 'on' : 'off' },
    work: ({ api }) => api.call(isOn ? messagesApi.pinMessage : messagesApi.unpinMessage, { params }),
  })
}

function pickKnown(
  { device, conversationId, action }: Scene,
  isRight: (message: KnownMessage) => boolean,
): KnownMessage | undefined {
  return pickFrom((device.recorder.recent.get(conversationId) ?? []).filter(isRight), action.pick)
}
