import type { Moment, StoredConversation } from '../evidence/evidence.ts'
import { createdVersions, membershipsOf } from './membership.ts'

/** A message of which somebody is to be told. */
export interface CallingMessage {
  id: string
  seq: number
  createdAt: Moment
  /** It was not taken back, and the person did not go since. */
  isStillCalling: boolean
}

/** The messages of others that came while a person took part, as far as they want to be told. What they want does not change in a run. */
export function messagesThatCall(conversation: StoredConversation, userId: string): CallingMessage[] {
  const { messages, participants } = conversation
  const me = participants.find((one) => one.userId === userId)
  if (me?.notify !== 'all' || me.mutedUntil !== null) return []
  const memberships = membershipsOf(conversation).get(userId) ?? []
  const versions = createdVersions(conversation)
  return messages.flatMap(({ id, seq, kind, senderId, createdAt, isDeleted }) => {
    const version = versions.get(id) ?? 0
    const inside = memberships.find(({ from, to }) => from < version && (to === null || version < to))
    if (!inside || kind !== 'text' || senderId === userId) return []
    return [{ id, seq, createdAt, isStillCalling: !isDeleted && inside.to === null }]
  })
}
