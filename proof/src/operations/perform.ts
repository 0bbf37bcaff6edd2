import type { Client } from '@finnigram/client'
import type { Device } from '../devices/device.ts'
import { toMark } from '../devices/flight-recorder.ts'
import type { Action, ActionKind } from '../generator/plan.ts'
import type { Environment } from './operation.ts'
import { type Performer, pickFrom } from './operation.ts'
import { memberPerformers } from './perform-membership.ts'
import { messagePerformers } from './perform-on-messages.ts'
import { makeMessageId, sendBatch, sendByCall } from './send-by-call.ts'

const openedMs = 400

const performers: Record<ActionKind, Performer> = {
  ...messagePerformers,
  ...memberPerformers,
  send: ({ client, conversationId, text }) => client.messages(conversationId).send({ text }),
  reply({ device, client, conversationId, text, action }) {
    const target = pickFrom(device.recorder.recent.get(conversationId) ?? [], action.pick)
    client.messages(conversationId).send({ text, ...(target ? { replyToId: target.id } : {}) })
  },
  mention({ environment, client, conversationId, text, action }) {
    const { username } = environment.people[action.person] ?? { username: 'nobody' }
    client.messages(conversationId).send({ text: `${text} @${username}` })
  },
  async forward({ device, conversationId, action }) {
    const known = [...device.recorder.recent.values()].flat().filter(({ isText }) => isText)
    const target = pickFrom(known, action.pick)
    if (!target) return
    const message = { id: makeMessageId(device), conversationId, forwardOf: target.id }
    await sendByCall(device, { message, carries: target.id })
  },
  async call({ environment, device, conversationId, text, action }) {
    const message = { id: makeMessageId(device), conversationId, text }
    write(environment, device, { number: action.number, messageId: message.id })
    await sendByCall(device, { message, carries: null })
  },
  async batch({ environment, device, client, action }) {
    const places = client.conversations.list().slice(0, 4)
    const messages = places.map(({ id: conversationId }, index) => {
      const number = batchNumber(action.number, index)
      const id = makeMessageId(device)
      write(environment, device, { number, messageId: id })
      return { id, conversationId, text: `${toMark(number)} one of ${places.length}` }
    })
    if (messages.length > 0) await sendBatch(device, messages)
  },
  open({ device, client, conversationId }) {
    device.open(conversationId)
    setTimeout(() => markRead(client, conversationId, 1), openedMs)
  },
  read: ({ client, conversationId, action }) => markRead(client, conversationId, action.pick),
  type: ({ client, conversationId }) => client.typing(conversationId).notify(),
  draft: ({ client, conversationId, action }) =>
    client.conversations.setDraft(conversationId, action.pick < 0.3 ? '' : `draft ${action.number}`),
}

/**
 * Does what was planned, if its device is on and knows the conversation; a person could not do it
 * otherwise.
 */
export async function perform(environment: Environment, action: Action): Promise<void> {
  const device = environment.devices[action.device]
  const client = device?.client
  if (!device || !client || client.session.state.status !== 'signedIn') return
  const conversationId = environment.conversations[action.conversation] ?? ''
  const isKnown = client.conversations.get(conversationId) !== undefined
  if (!isKnown && action.kind !== 'join' && action.kind !== 'create') return
  const text =
    `${toMark(action.number)} ${action.kind} ${'lorem ipsum dolor '.repeat(Math.floor(action.pick * 6))}`.trim()
  await device.clock.run(() =>
    performers[action.kind]({ environment, action, device, client, conversationId, text }),
  )
}

/** Texts of a batch have numbers of their own, far from those of actions. */
const batchNumber = (number: number, index: number) => 50_000_000 + number * 4 + index

function write({ texts }: Environment, device: Device, text: { number: number; messageId: string }): void {
  texts.push({ ...text, userId: device.person.id, by: 'send' })
}

/** Reads all that is there, or a part of what is new. */
function markRead(client: Client, conversationId: string, share: number): void {
  const conversation = client.conversations.get(conversationId)
  if (!conversation) return
  const { lastSeq, me } = conversation
  const isAll = share > 0.5
  client.conversations.markRead(
    conversationId,
    isAll ? lastSeq : me.lastReadSeq + Math.ceil((lastSeq - me.lastReadSeq) * share),
  )
}
