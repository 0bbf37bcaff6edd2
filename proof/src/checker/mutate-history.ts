import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { DeviceHistory, RunHistory, SentPush, StoredConversation } from '../history/history.ts'
import { checkHistory } from './check-history.ts'
import type { ViolationKind } from './differences.ts'

/**
 * What a real run of ten seconds left, kept with `--history`: four people, seven devices, in which
 * somebody was removed, and one device was off.
 */
const recordedJson = gunzipSync(
  readFileSync(new URL('./recorded-history.json.gz', import.meta.url)),
).toString()
export const recorded = (): RunHistory => JSON.parse(recordedJson)

export function mutated(mutate: (history: RunHistory) => void): { kinds: Set<ViolationKind>; whats: string } {
  const history = recorded()
  mutate(history)
  const violations = checkHistory(history)
  return {
    kinds: new Set(violations.map(({ kind }) => kind)),
    whats: violations.map(({ what }) => what).join('\n'),
  }
}

export function found<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('The recorded history has no such thing')
  return value
}

/** The conversation with most messages. */
export const busiest = ({ conversations }: RunHistory): StoredConversation =>
  found([...conversations].sort((a, b) => b.messages.length - a.messages.length)[0])

export const acknowledged = ({ sends }: DeviceHistory, conversationId: string) =>
  sends.filter(
    (send) => send.conversationId === conversationId && send.acknowledgedAt !== null && send.via === 'queue',
  )

export function forget(history: RunHistory, id: string): void {
  for (const { messages } of history.conversations) removeFrom(messages, id)
  for (const { histories } of history.answers) for (const { messages } of histories) removeFrom(messages, id)
  for (const { view } of history.devices) {
    for (const { shown, kept } of view.messages) {
      removeFrom(shown, id)
      removeFrom(kept, id)
    }
  }
}

function removeFrom(messages: { id: string }[], id: string): void {
  const index = messages.findIndex((message) => message.id === id)
  if (index !== -1) messages.splice(index, 1)
}

/** A message of others with a version past a removal. */
export function saidAfterRemoval({ conversations }: RunHistory) {
  for (const conversation of conversations) {
    const removal = conversation.events.find(({ type }) => type === 'participant.removed')
    const userId = removal?.userIds[0]
    const later = conversation.events.find(
      ({ version, messageId }) => messageId && version > (removal?.version ?? Number.POSITIVE_INFINITY),
    )
    if (userId && later?.messageId) return { conversation, userId, messageId: later.messageId }
  }
  throw new Error('Nothing was said after a removal')
}

/** A notification to a device that had told the server that it has the message. */
export function pushToOneWhoHadIt({ devices, conversations }: RunHistory): SentPush {
  for (const { pushId, userId, told, away } of devices) {
    for (const { id: conversationId, messages } of conversations) {
      const message = messages.find(({ kind, senderId }) => kind === 'text' && senderId !== userId)
      const steps = told.find((one) => one.conversationId === conversationId)?.steps ?? []
      const step = steps.find(([seq]) => seq >= (message?.seq ?? Number.POSITIVE_INFINITY))
      if (!pushId || away.length > 0 || !message || !step || step[1] > message.createdAt + 2_000) continue
      return {
        pushId,
        at: message.createdAt + 4_300,
        type: 'message',
        conversationId,
        seq: message.seq,
        texts: [],
      }
    }
  }
  throw new Error('No device told anything')
}
