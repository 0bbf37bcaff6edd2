import type { Evidence } from '../evidence/evidence.ts'
import type { Violation } from './violation.ts'

/** Markers only move forward: on every device, and in the database. Whoever comes again begins anew. */
export function checkMarkers({ devices, conversations }: Evidence): Violation[] {
  return [
    ...devices.flatMap(({ name, markers }) =>
      markers.flatMap(({ conversationId, userId, rows }) =>
        rows.flatMap((row) => backward(row, `${userId} in ${conversationId} on ${name}`)),
      ),
    ),
    ...conversations.flatMap(({ id, participants }) =>
      participants.flatMap(({ userId, samples, lastReadSeq, lastDeliveredSeq, hasLeft }) =>
        samples.flatMap((row, index) => {
          const isLast = index === samples.length - 1 && !hasLeft
          const whole = isLast ? [...row, lastReadSeq, lastDeliveredSeq] : row
          return backward(whole, `${userId} in ${id} in the database`)
        }),
      ),
    ),
  ]
}

function backward(row: readonly number[], place: string): Violation[] {
  const violations: Violation[] = []
  for (let index = 2; index < row.length; index += 1) {
    const [before = 0, now = 0] = [row[index - 2], row[index]]
    if (now >= before) continue
    const name = index % 2 === 0 ? 'read' : 'delivered'
    violations.push({ kind: 'marker went back', what: `${name} of ${place} went from ${before} to ${now}` })
  }
  return violations
}
