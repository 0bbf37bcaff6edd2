import type { RunHistory, StoredConversation, StoredMessage } from '../history/history.ts'
import type { Violation } from './differences.ts'
import { createdVersions, type Membership, membershipsOf } from './membership.ts'

/**
 * Nobody ever got a text from outside their membership: not live, not by a sync, not in history,
 * not in a notification.
 */
export function checkLeaks(history: RunHistory): Violation[] {
  const { devices, texts, pushes } = history
  const mayRead = createReader(history)
  const byNumber = new Map(texts.map((text) => [text.number, text]))
  const judge = (number: number, userId: string, how: string): Violation[] => {
    const text = byNumber.get(number)
    if (text && (text.userId === userId || mayRead(text.messageId, userId))) return []
    return [{ kind: 'leaked', what: `text ${number} of message ${text?.messageId ?? 'unknown'} ${how}` }]
  }
  return [
    ...devices.flatMap(({ name, userId, heard }) =>
      heard.flatMap(([number, at]) => judge(number, userId, `came to ${name} of ${userId} at ${at} ms`)),
    ),
    ...(pushes?.sent ?? []).flatMap(({ pushId, at, texts: shown }) => {
      const userId = devices.find((device) => device.pushId === pushId)?.userId ?? ''
      return shown.flatMap((number) => judge(number, userId, `was notified to ${userId} at ${at} ms`))
    }),
  ]
}

interface Placed extends StoredMessage {
  conversation: StoredConversation
  createdVersion: number
  memberships: Map<string, Membership[]>
}

/**
 * Whether somebody may have read a message, or another one that carries its words: an answer that
 * quotes it, a copy that was forwarded.
 */
function createReader({
  conversations,
  devices,
}: RunHistory): (messageId: string, userId: string) => boolean {
  const placed = new Map<string, Placed>()
  for (const conversation of conversations) {
    const versions = createdVersions(conversation)
    const memberships = membershipsOf(conversation)
    for (const message of conversation.messages) {
      const createdVersion = versions.get(message.id) ?? 0
      placed.set(message.id, { ...message, conversation, createdVersion, memberships })
    }
  }
  const carriers = new Map<string, string[]>()
  for (const { id, carries } of devices.flatMap(({ sends }) => sends)) {
    if (carries) carriers.set(carries, [...(carriers.get(carries) ?? []), id])
  }
  return (messageId, userId) => {
    const seen = new Set([messageId])
    for (const id of seen) {
      const message = placed.get(id)
      if (message && isTheirs(message, userId)) return true
      for (const carrier of carriers.get(id) ?? []) seen.add(carrier)
    }
    return false
  }
}

function isTheirs({ conversation, createdVersion, memberships }: Placed, userId: string): boolean {
  return (memberships.get(userId) ?? []).some(
    ({ from, to }) =>
      (createdVersion > from || conversation.sharesHistory) && (to === null || createdVersion < to),
  )
}
