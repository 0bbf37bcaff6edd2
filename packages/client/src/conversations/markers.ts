import type { Conversation } from '@finnigram/contracts'
import { isRefusal } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { Transport } from '../connection/transport.ts'
import { sleep } from '../interruptible-sleep.ts'
import { entriesOf } from '../messages/outbox-entry.ts'
import { createMutex } from '../mutex.ts'
import type { ReadonlyMemory } from '../replica/memory.ts'
import type { Replica } from '../replica/replica.ts'
import { createSingleFlight } from '../single-flight.ts'
import { ingestMarker } from '../sync/ingest-conversation.ts'
import type { Timing } from '../timing.ts'

type Kind = 'read' | 'delivered'

export interface MarkersOptions {
  replica: Replica
  transport: Transport
  signal: AbortSignal
  timing: Timing
  /** The unread count has to be fetched. */
  refetch: (conversationId: string) => void
  onError: (error: unknown) => void
}

/** My read and delivered markers: stored here first, then sent, coalesced per conversation. */
export class Markers {
  readonly #options: MarkersOptions
  readonly #singleFlight = createSingleFlight()
  /** After a long absence hundreds of conversations have new messages: one call at a time. */
  readonly #mutex = createMutex()
  readonly #uncounted = new Set<string>()
  /** Conversations with messages that this device has not acknowledged; another device may have. */
  readonly #received = new Set<string>()

  constructor(options: MarkersOptions) {
    this.#options = options
  }

  read(id: string, seq: number): void {
    const { replica, onError } = this.#options
    const conversation = replica.memory.conversations.get(id)?.conversation
    if (!conversation) return
    const readSeq = Math.min(seq, newestSeq(replica.memory, conversation))
    if (readSeq <= conversation.me.lastReadSeq) return
    this.#readHere(id, readSeq).catch(onError)
  }

  /**
   * Messages of others were stored here. Each device acknowledges for itself, or it is notified of
   * what it has.
   */
  delivered(id: string): void {
    this.#received.add(id)
    this.#send('delivered', id)
  }

  /** The server may be reachable now: sends what it does not have yet. */
  flush(): void {
    const { reads, conversations } = this.#options.replica.memory
    for (const id of reads.keys()) this.#send('read', id)
    for (const id of conversations.keys()) this.#send('delivered', id)
  }

  async #readHere(id: string, readSeq: number): Promise<void> {
    const { replica } = this.#options
    const { me } = replica
    const unreadUnknown = await replica.transact((transaction) => {
      // Two calls may be under way at once, the further one first.
      transaction.putRead(id, Math.max(readSeq, replica.memory.reads.get(id) ?? 0))
      return ingestMarker(transaction, { marker: { conversationId: id, userId: me, readSeq }, me })
    })
    if (unreadUnknown) this.#uncounted.add(id)
    this.#send('read', id)
  }

  #send(kind: Kind, id: string): void {
    const { signal, timing, onError } = this.#options
    const work = async () => {
      if (signal.aborted) return
      await this.#mutex(() => (kind === 'read' ? this.#sendRead(id) : this.#sendDelivered(id)))
      // The next call for this conversation comes later, with the furthest seq only.
      await sleep(timing.markerMs, signal)
    }
    this.#singleFlight(`${kind} ${id}`, work).catch(onError)
  }

  async #sendRead(id: string): Promise<void> {
    const { replica, refetch } = this.#options
    const { reads } = replica.memory
    const seq = reads.get(id)
    if (seq === undefined) return
    if (!(await this.#report('read', id, seq))) return this.#sendLater('read', id)
    await replica.transact((transaction) => {
      if (reads.get(id) === seq) transaction.deleteRead(id)
    })
    if (this.#uncounted.delete(id)) refetch(id)
  }

  async #sendDelivered(id: string): Promise<void> {
    const { replica } = this.#options
    const { me, memory } = replica
    const conversation = memory.conversations.get(id)?.conversation
    if (!conversation) return
    const { lastSeq: deliveredSeq, lastMessage, me: mine } = conversation
    const isKnown = mine.lastDeliveredSeq >= deliveredSeq || lastMessage?.senderId === me
    const isReceived = this.#received.delete(id)
    if (isKnown && !isReceived) return
    if (!(await this.#report('delivered', id, deliveredSeq))) {
      if (isReceived) this.#received.add(id)
      return this.#sendLater('delivered', id)
    }
    const marker = { conversationId: id, userId: me, deliveredSeq }
    await replica.transact((transaction) => ingestMarker(transaction, { marker, me }))
  }

  /** True when the server has it, or refused it for good. */
  #report(kind: Kind, id: string, seq: number): Promise<boolean> {
    return this.#options.transport.mark(kind, id, seq).then(() => true, isRefusal)
  }

  #sendLater(kind: Kind, id: string): void {
    const { signal, timing } = this.#options
    const wait = backoffMs(0, { baseMs: timing.retryMaxMs, maxMs: timing.retryMaxMs })
    void sleep(wait, signal).then(() => this.#send(kind, id))
  }
}

/** My own newest message may be stored while its event is on the way. */
function newestSeq({ outbox }: ReadonlyMemory, { id, lastSeq }: Conversation): number {
  const sent = entriesOf(outbox.values(), id).map(({ message }) => message?.seq ?? 0)
  return Math.max(lastSeq, ...sent)
}
