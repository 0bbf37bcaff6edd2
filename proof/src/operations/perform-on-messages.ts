import { messagesApi } from '@finnigram/contracts'
import type { KnownMessage } from '../devices/flight-recorder.ts'
import type { ActionKind } from '../generator/plan.ts'
import { changeSomething } from './change-something.ts'
import { type Operation, type Performer, pickFrom } from './operation.ts'

const emoji = ['👍', '🎉', '😀', '❤️']

/** What people do to messages that are there. */
export const messagePerformers = {
  async edit(operation) {
    const { environment, device, conversationId, text, action } = operation
    const target = pickKnown(operation, ({ senderId, isText }) => isText && senderId === device.person.id)
    if (!target) return
    const { id: messageId } = target
    environment.texts.push({ number: action.number, messageId, userId: device.person.id, by: 'edit' })
    await changeSomething(environment, device, {
      ...{ kind: 'edit', conversationId, subject: messageId, value: String(action.number) },
      work: ({ api }) => api.call(messagesApi.editMessage, { params: { messageId }, body: { text } }),
    })
  },
  async delete(operation) {
    const { environment, device, conversationId } = operation
    const target = pickKnown(operation, ({ senderId, isText }) => isText && senderId === device.person.id)
    if (!target) return
    const { id: messageId } = target
    await changeSomething(environment, device, {
      ...{ kind: 'delete', conversationId, subject: messageId, value: 'deleted' },
      work: ({ api }) => api.call(messagesApi.deleteMessage, { params: { messageId } }),
    })
  },
  react: (operation) => react(operation, true),
  unreact: (operation) => react(operation, false),
  pin: (operation) => pin(operation, true),
  unpin: (operation) => pin(operation, false),
} satisfies Partial<Record<ActionKind, Performer>>

async function react(operation: Operation, isOn: boolean): Promise<void> {
  const { environment, device, conversationId, action } = operation
  const target = pickKnown(operation, ({ isText }) => isText)
  const one = pickFrom(emoji, (action.pick * 7) % 1)
  if (!target || !one) return
  const params = { messageId: target.id, emoji: one }
  await changeSomething(environment, device, {
    ...{ kind: 'reaction', conversationId, subject: `${target.id} ${device.person.id} ${one}` },
    value: isOn ? 'on' : 'off',
    work: ({ api }) => api.call(isOn ? messagesApi.addReaction : messagesApi.removeReaction, { params }),
  })
}

async function pin(operation: Operation, isOn: boolean): Promise<void> {
  const { environment, device, conversationId } = operation
  const target = pickKnown(operation, ({ isText }) => isText)
  if (!target) return
  const params = { messageId: target.id }
  await changeSomething(environment, device, {
    ...{ kind: 'pin', conversationId, subject: target.id, value: isOn ? 'on' : 'off' },
    work: ({ api }) => api.call(isOn ? messagesApi.pinMessage : messagesApi.unpinMessage, { params }),
  })
}

function pickKnown(
  { device, conversationId, action }: Operation,
  isRight: (message: KnownMessage) => boolean,
): KnownMessage | undefined {
  return pickFrom((device.recorder.recent.get(conversationId) ?? []).filter(isRight), action.pick)
}
