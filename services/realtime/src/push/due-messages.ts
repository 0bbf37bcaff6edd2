import type { StreamEntry } from '@finnigram/service-kit'
import type { NewMessages } from './plan-notifications.ts'

/** A message that is not due yet. */
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

/**
 * Conversations and messages in one plan, so that even a group of a thousand is planned in time.
 */
const conversationsAtOnce = 200
const messagesAtOnce = 2000

/**
 * Groups due messages into plans, one after the other. Each is a list of runs of one conversation.
 * A long run is split, the oldest part first.
 */
export function groupDueMessages(due: readonly PendingMessage[]): PendingMessage[][][] {
  const runs = [...Map.groupBy(due, ({ conversationId }) => conversationId).values()].flatMap(toRuns)
  const parts: PendingMessage[][][] = []
  let room = { conversations: 0, messages: 0 }
  for (const run of runs) {
    const { conversationId, fromSeq, toSeq } = toNewMessages(run)
    const length = toSeq - fromSeq + 1
    // Two runs of one conversation in a plan would include all messages between them.
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

/** The range of a run, which includes messages in between that other nodes hold. */
export function toNewMessages(run: readonly PendingMessage[]): NewMessages {
  const seqs = run.map(({ seq }) => seq)
  return {
    conversationId: run[0]?.conversationId ?? '',
    fromSeq: seqs.reduce((a, b) => Math.min(a, b)),
    toSeq: seqs.reduce((a, b) => Math.max(a, b)),
  }
}

function toRuns(messages: readonly PendingMessage[]): PendingMessage[][] {
  const runs: PendingMessage[][] = []
  let endsBefore = 0
  for (const one of messages.toSorted((a, b) => a.seq - b.seq)) {
    if (one.seq >= endsBefore) {
      runs.push([])
      endsBefore = one.seq + messagesAtOnce
    }
    runs.at(-1)?.push(one)
  }
  return runs
}
