import { marksIn } from '../devices/flight-recorder.ts'
import type { Change, RunHistory, StoredMessage } from '../history/history.ts'
import type { Violation } from './differences.ts'

/** What was acknowledged last is what is: edits, deletions, reactions and pins. */
export function checkChanges({ changes, conversations }: RunHistory): Violation[] {
  const messages = new Map(
    conversations.flatMap((one) => one.messages.map((message) => [message.id, message])),
  )
  const pinned = new Set(conversations.flatMap(({ pinnedIds }) => pinnedIds))
  const bySubject = Map.groupBy(changes, ({ kind, subject }) => `${kind} ${subject}`)
  return [...bySubject.values()].flatMap((attempts): Violation[] => {
    const [first] = attempts
    const message = first && messages.get(first.subject.split(' ')[0] ?? '')
    if (!first || !message) return []
    const value = presentValue(first, message, pinned)
    if (value === null) return []
    const settled = attempts.filter(({ refused }) => !refused)
    if (couldBe(value, settled)) return []
    const asked = settled.map((one) => `${one.value} at ${one.startedAt}–${one.acknowledgedAt} ms`).join(', ')
    return [{ kind: 'change undone', what: `${first.kind} of ${first.subject} is ${value}, after ${asked}` }]
  })
}

/** What is there now; null where it says nothing, such as the reactions of a deleted message. */
function presentValue(
  { kind, subject }: Change,
  message: StoredMessage,
  pinned: ReadonlySet<string>,
): string | null {
  if (kind === 'delete') return message.isDeleted ? 'deleted' : 'there'
  if (message.isDeleted) return null
  if (kind === 'edit') return String(marksIn(message.text ?? '')[0] ?? '')
  if (kind === 'pin') return pinned.has(message.id) ? 'on' : 'off'
  const [, userId = '', emoji] = subject.split(' ')
  const isOn = message.reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId))
  return isOn ? 'on' : 'off'
}

/**
 * Whether a value can have been set last. An attempt is overruled by an acknowledged one that began
 * after it had been acknowledged; one that was never answered, or asked more than once, may have
 * taken effect late. What was there before all attempts is overruled by any acknowledged one.
 */
function couldBe(value: string, attempts: readonly Change[]): boolean {
  const acknowledged = attempts.filter(({ acknowledgedAt }) => acknowledgedAt !== null)
  if (acknowledged.length === 0) return true
  return attempts.some((attempt) => {
    if (attempt.value !== value) return false
    const { acknowledgedAt, retried } = attempt
    if (acknowledgedAt === null || retried) return true
    return !acknowledged.some((later) => later.startedAt > acknowledgedAt && later.value !== value)
  })
}
