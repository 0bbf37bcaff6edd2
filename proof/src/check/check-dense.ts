import type { Evidence } from '../evidence/evidence.ts'
import type { Violation, ViolationKind } from './violation.ts'

/** `seq` and `version` count 1, 2, 3, … in every conversation, and each message came by one event. */
export function checkDense({ conversations }: Evidence): Violation[] {
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
