import type { RunHistory, Send } from '../history/history.ts'
import type { Violation, ViolationKind } from './differences.ts'

/**
 * What one device sent into one conversation, one way, stands there in the order in which it was
 * meant to be sent. A call that was never answered has no such order: its person went on without
 * knowing what became of it.
 */
export function checkOrder({ devices, conversations }: RunHistory): Violation[] {
  const seqs = new Map(conversations.flatMap(({ messages }) => messages.map(({ id, seq }) => [id, seq])))
  return devices.flatMap(({ name, sends }) => {
    const last = new Map<string, Send>()
    return sends.flatMap((send): Violation[] => {
      const seq = seqs.get(send.id)
      if (seq === undefined) return []
      const key = `${send.conversationId} ${send.via}`
      const before = last.get(key)
      last.set(key, send)
      const earlier = before && seqs.get(before.id)
      if (!before || earlier === undefined || earlier < seq || !isOrdered(before, send)) return []
      const what = `${name} sent ${before.id} before ${send.id} to ${send.conversationId}, and they are seq ${earlier} and ${seq}`
      return [{ kind: 'reordered', what }]
    })
  })
}

function isOrdered(before: Send, after: Send): boolean {
  if (after.via === 'queue') return true
  return before.acknowledgedAt !== null && before.acknowledgedAt <= after.enqueuedAt
}

/**
 * `seq` and `version` count 1, 2, 3, … in every conversation, and each message came by one event.
 */
export function checkDense({ conversations }: RunHistory): Violation[] {
  return conversations.flatMap((conversation) => {
    const { id, lastSeq, version, messages, events } = conversation
    const seqs = messages.map((message) => message.seq)
    const versions = events.map((event) => event.version)
    const created = countOf(events.flatMap(({ messageId }) => messageId ?? []))
    return [
      ...checkRun(seqs, lastSeq, { hole: 'hole in seq', twin: 'seq twin', place: `seq of ${id}` }),
      ...checkRun(versions, version, {
        hole: 'hole in version',
        twin: 'version twin',
        place: `version of ${id}`,
      }),
      ...messages
        .filter((message) => created.get(message.id) !== 1)
        .map(
          (message): Violation => ({
            kind: 'hole in version',
            what: `message ${message.id} of ${id} did not come by one event`,
          }),
        ),
    ]
  })
}

interface Names {
  hole: ViolationKind
  twin: ViolationKind
  place: string
}

function checkRun(numbers: readonly number[], last: number, { hole, twin, place }: Names): Violation[] {
  const seen = new Set<number>()
  const violations: Violation[] = []
  for (const number of numbers) {
    if (seen.has(number)) violations.push({ kind: twin, what: `${place}: ${number} is there twice` })
    seen.add(number)
  }
  for (let number = 1; number <= last; number += 1) {
    if (!seen.has(number)) violations.push({ kind: hole, what: `${place}: ${number} of ${last} is missing` })
  }
  for (const number of seen) {
    if (number > last || number < 1)
      violations.push({ kind: hole, what: `${place}: ${number} is beyond ${last}` })
  }
  return violations
}

function countOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
