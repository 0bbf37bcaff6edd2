import type { Conversation } from '@finnigram/contracts'
import { isRefusal } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import { entriesOf } from '../outbox/entries-of.ts'
import { pause } from '../pause.ts'
import type { ReadonlyMemory } from '../replica/memory.ts'
import type { Replica } from '../replica/replica.ts'
import { createSerial } from '../serial.ts'
import { createSingleFlight } from '../sync/single-flight.ts'
import { takeMarker } from '../sync/take-marker.ts'
import type { Timing } from '../timing.ts'
import type { Transport } from '../transport.ts'

/** How far I have read, and how far this device has everything: kept here first, then told, coalesced per conversation. */
export interface Markers {
  read(conversationId: string, seq: number): void
  /** Messages of others were stored on this device. */
  delivered(conversationId: string): void
  /** The server may be reachable now: tells what it was not told. */
  flush(): void
}

type Kind = 'read' | 'delivered'

export interface MarkersOptions {
  replica: Replica
  transport: Transport
  signal: AbortSignal
  timing: Timing
  /** The unread count has to be asked for. */
  refetch: (conversationId: string) => void
  onError: (error: unknown) => void
}

export function createMarkers(options: MarkersOptions): Markers {
  const { replica, transport, signal, timing, refetch, onError } = options
  const { me, memory } = replica
  const single = createSingleFlight()
  // After a long absence hundreds of conversations have news: one call at a time, not all at once.
  const inTurn = createSerial()
  const uncounted = new Set<string>()

  const moveHere = (id: string, moved: { readSeq?: number; deliveredSeq?: number }) =>
    replica.transact(async (transaction) => {
      const marker = { conversationId: id, userId: me, ...moved }
      if (moved.readSeq !== undefined) transaction.putRead(id, moved.readSeq)
      return takeMarker(transaction, { marker, me })
    })
  const tellRead = async (id: string) => {
    const seq = memory.reads.get(id)
    if (seq === undefined) return
    if (!(await told('read', id, seq))) return tellLater('read', id)
    await replica.transact((transaction) => {
      if (memory.reads.get(id) === seq) transaction.deleteRead(id)
    })
    if (uncounted.delete(id)) refetch(id)
  }
  const tellDelivered = async (id: string) => {
    const conversation = memory.conversations.get(id)?.conversation
    if (!conversation) return
    const { lastSeq, lastMessage, me: mine } = conversation
    if (mine.lastDeliveredSeq >= lastSeq || lastMessage?.senderId === me) return
    if (!(await told('delivered', id, lastSeq))) return tellLater('delivered', id)
    await moveHere(id, { deliveredSeq: lastSeq })
  }
  /** True when the server knows now, or never will. */
  const told = (kind: Kind, id: string, seq: number): Promise<boolean> =>
    transport.mark(kind, id, seq).then(() => true, isRefusal)

  const tell = (kind: Kind, id: string) => {
    const work = async () => {
      if (signal.aborted) return
      await inTurn(() => (kind === 'read' ? tellRead(id) : tellDelivered(id)))
      // The next call for this conversation comes later, and tells only the furthest seq.
      await pause(timing.markerMs, signal)
    }
    single(`${kind} ${id}`, work).catch(onError)
  }
  const tellLater = (kind: Kind, id: string) => {
    const wait = backoffMs(0, { baseMs: timing.retryMaxMs, maxMs: timing.retryMaxMs })
    void pause(wait, signal).then(() => tell(kind, id))
  }
  return {
    read(id, seq) {
      const conversation = memory.conversations.get(id)?.conversation
      if (!conversation) return
      const readSeq = Math.min(seq, newestSeq(memory, conversation))
      if (readSeq <= conversation.me.lastReadSeq) return
      moveHere(id, { readSeq }).then((unreadUnknown) => {
        if (unreadUnknown) uncounted.add(id)
        tell('read', id)
      }, onError)
    },
    delivered: (id) => tell('delivered', id),
    flush() {
      for (const id of memory.reads.keys()) tell('read', id)
      for (const id of memory.conversations.keys()) tell('delivered', id)
    },
  }
}

/** My own newest message may be stored already while its event is on the way. */
function newestSeq({ outbox }: ReadonlyMemory, { id, lastSeq }: Conversation): number {
  const sent = entriesOf(outbox.values(), id).map(({ message }) => message?.seq ?? 0)
  return Math.max(lastSeq, ...sent)
}
