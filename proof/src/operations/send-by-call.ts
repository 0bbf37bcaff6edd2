import { randomUUID } from 'node:crypto'
import { messagesApi, type NewMessageIn } from '@finnigram/contracts'
import type { Device } from '../devices/device.ts'
import type { Send } from '../history/history.ts'
import { attempt } from './attempt.ts'

export interface CallSend {
  message: NewMessageIn
  carries: string | null
}

/**
 * Sends a message by a REST call of its own, past the client's outbox, under the same id until it
 * is answered.
 */
export async function sendByCall(device: Device, { message, carries }: CallSend): Promise<void> {
  const { conversationId, ...body } = message
  const send = noted(device, message, { via: 'call', carries })
  const outcome = await attempt(device, ({ api }) => api.sendMessage(conversationId, body))
  if (outcome.state === 'done') device.recorder.acknowledged(send.id, outcome.value.seq)
  if (outcome.state === 'refused') send.refused = true
}

/**
 * Sends many in one call. One that the server could not take is not sent again: its person is told.
 */
export async function sendBatch(device: Device, messages: readonly NewMessageIn[]): Promise<void> {
  const sends = messages.map((message) => noted(device, message, { via: 'batch', carries: null }))
  const outcome = await attempt(device, ({ api }) =>
    api.call(messagesApi.sendMessages, { body: { messages: [...messages] } }),
  )
  if (outcome.state !== 'done') return
  outcome.value.items.forEach(({ status, message }, index) => {
    const send = sends[index]
    if (!send) return
    if (message) device.recorder.acknowledged(send.id, message.seq)
    else if (status < 500) send.refused = true
  })
}

function noted(
  device: Device,
  { id, conversationId }: NewMessageIn,
  how: Pick<Send, 'via' | 'carries'>,
): Send {
  return device.recorder.enqueued({ id, conversationId, ...how })
}

/**
 * A UUIDv7 of the device's own time, however wrong that is. The client's own ids ascend over all
 * devices of this process and cannot fall back.
 */
export function makeMessageId({ clock }: Device): string {
  const time = Math.max(
    0,
    clock.run(() => Date.now()),
  )
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
