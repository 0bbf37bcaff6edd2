import { marksIn } from '../devices/flight-recorder.ts'
import type { RunHistory } from '../history/history.ts'
import type { Violation } from './differences.ts'

/** Every acknowledged message is in history, once, where its acknowledgement said. */
export function checkSends({ devices, conversations, texts }: RunHistory): Violation[] {
  const stored = new Map(
    conversations.flatMap(({ id: conversationId, messages }) =>
      messages.map((message) => [message.id, { ...message, conversationId }]),
    ),
  )
  const lost = devices.flatMap(({ name, sends }) =>
    sends.flatMap(({ id, conversationId, acknowledgedAt, seq }): Violation[] => {
      if (acknowledgedAt === null) return []
      const message = stored.get(id)
      const place = `message ${id}, acknowledged to ${name} at ${acknowledgedAt} ms as seq ${seq} of ${conversationId}`
      if (!message) return [{ kind: 'lost', what: `${place}, is not in history` }]
      if (message.conversationId === conversationId && message.seq === seq) return []
      return [{ kind: 'lost', what: `${place}, is seq ${message.seq} of ${message.conversationId}` }]
    }),
  )
  const sent = new Set(texts.flatMap(({ number, by }) => (by === 'send' ? number : [])))
  const seen = new Map<number, string>()
  const doubled: Violation[] = []
  for (const { id, text, forwardOf } of stored.values()) {
    const [number] = marksIn(text ?? '')
    if (number === undefined || !sent.has(number) || forwardOf !== null) continue
    const other = seen.get(number)
    if (other)
      doubled.push({ kind: 'doubled', what: `text ${number} was sent once and stands in ${other} and ${id}` })
    seen.set(number, id)
  }
  return [...lost, ...doubled]
}
