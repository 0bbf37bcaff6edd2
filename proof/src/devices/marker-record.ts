import type { DeviceHistory } from '../history/history.ts'

interface Markers {
  userId: string
  lastReadSeq: number
  lastDeliveredSeq: number
}

/** Notes the markers of everyone, each time that one is another one than before. */
export interface MarkerRecord {
  see(conversationId: string, participants: readonly Markers[]): void
  /** The conversation is gone: whoever is seen in it next begins anew. */
  forget(conversationId: string): void
  rows(): DeviceHistory['markers']
}

interface Person {
  rows: number[][]
  isPresent: boolean
}

export function createMarkerRecord(): MarkerRecord {
  const all = new Map<string, Map<string, Person>>()
  const peopleOf = (id: string) => {
    const people = all.get(id) ?? new Map<string, Person>()
    all.set(id, people)
    return people
  }
  return {
    see(conversationId, participants) {
      const people = peopleOf(conversationId)
      const present = new Set(participants.map(({ userId }) => userId))
      for (const [userId, person] of people) if (!present.has(userId)) person.isPresent = false
      for (const { userId, lastReadSeq, lastDeliveredSeq } of participants) {
        const person = people.get(userId) ?? { rows: [], isPresent: false }
        people.set(userId, person)
        if (!person.isPresent) person.rows.push([])
        person.isPresent = true
        const row = person.rows.at(-1) ?? []
        if (row.at(-2) !== lastReadSeq || row.at(-1) !== lastDeliveredSeq)
          row.push(lastReadSeq, lastDeliveredSeq)
      }
    },
    forget(conversationId) {
      for (const person of peopleOf(conversationId).values()) person.isPresent = false
    },
    rows: () =>
      [...all].flatMap(([conversationId, people]) =>
        [...people].map(([userId, { rows }]) => ({ conversationId, userId, rows })),
      ),
  }
}
