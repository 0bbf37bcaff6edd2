import type { Evidence, Send } from '../evidence/evidence.ts'
import type { Violation } from './violation.ts'

/**
 * What one device sent into one conversation, one way, stands there in the order in which it was meant to be sent. A call
 * that was never answered has no such order: its person went on without knowing what became of it.
 */
export function checkOrder({ devices, conversations }: Evidence): Violation[] {
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
