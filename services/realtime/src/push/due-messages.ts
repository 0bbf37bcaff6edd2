import type { StreamEntry } from '@finnigram/service-kit'
import type { NewMessages } from './plan-notifications.ts'

/** A message that waits until it is due. */
export interface PendingMessage {
  stream: string
  id: string
  /** When it was published, by the clock of Redis. */
  at: number
  conversationId: string
  seq: number
}

export const toPendingMessage = ({ stream, id, key }: StreamEntry, seq: number): PendingMessage => ({
  stream,
  id,
  at: Number(id.split('-', 1)[0]),
  conversationId: key,
  seq,
})

/** Conversations, and messages of all of them, that are asked for together: a group of a thousand is told in time of as many. */
const conversationsAtOnce = 200
const messagesAtOnce = 2000

/** What is due, in parts that are asked for one after the other: each a list of runs, every run of one conversation. A longer run comes in pieces, the oldest first. */
export function groupDueMessages(due: readonly PendingMessage[]): PendingMessage[][][] {
  const runs = [...Map.groupBy(due, ({ conversationId }) => conversationId).values()].flatMap(toRuns)
  const parts: PendingMessage[][][] = []
  let room = { conversations: 0, messages: 0 }
  for (const run of runs) {
    const { conversationId, fromSeq, toSeq } = toNewMessages(run)
    const length = toSeq - fromSeq + 1
    // Two runs of one conversation would be taken for all that lies between them.
    const isNext = parts.at(-1)?.at(-1)?.[0]?.conversationId === conversationId
    if (room.conversations === 0 || room.messages < length || isNext) {
      parts.push([])
      room = { conversations: conversationsAtOnce, messages: messagesAtOnce }
    }
    parts.at(-1)?.push(run)
    room = { conversations: room.conversations - 1, messages: room.messages - length }
  }
  return parts
}

/** What to ask for a run: also what other nodes hold in between is looked at. */
export function toNewMessages(run: readonly PendingMessage[]): NewMessages {
  const seqs = run.map(({ seq }) => seq)
  return {
    conversationId: run[0]?.conversationId ?? '',
    fromSeq: seqs.reduce((a, b) => Math.min(a, b)),
    toSeq: seqs.reduce((a, b) => Math.max(a, b)),
  }
}

function toRuns(held: readonly PendingMessage[]): PendingMessage[][] {
  const runs: PendingMessage[][] = []
  let endsBefore = 0
  for (const one of held.toSorted((a, b) => a.seq - b.seq)) {
    if (one.seq >= endsBefore) {
      runs.push([])
      endsBefore = one.seq + messagesAtOnce
    }
    runs.at(-1)?.push(one)
  }
  return runs
}
