import { type Message, newId } from '@finnigram/contracts'
import { ApiProblem, isRefusal, NetworkProblem } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { NetworkSource } from '../connection/network-source.ts'
import type { Transport } from '../connection/transport.ts'
import type { CrossTabLock } from '../cross-tab-lock.ts'
import { createInterruptibleSleep, type InterruptibleSleep } from '../interruptible-sleep.ts'
import type { Replica } from '../replica/replica.ts'
import type { Timing } from '../timing.ts'
import { entriesOf, type OutboxEntry } from './outbox-entry.ts'

export interface OutboxOptions {
  replica: Replica
  transport: Transport
  crossTabLock: CrossTabLock
  network: NetworkSource
  signal: AbortSignal
  timing: Timing
  onError: (error: unknown) => void
}

/**
 * The device outbox: messages are stored first, then sent until the server has answered.
 *
 * Promise: a message that shows as `waiting` is in the store, and survives the app if the store
 * does. Each goes out under one id, so that however often it is tried there is one message. Those
 * of one conversation go out in the order of writing, one at a time.
 *
 * Procedure: an entry is `saving`, then `waiting`. Each conversation with waiting entries has a
 * loop: send the first one, by the socket or by REST, until it is `stored` (then its event removes
 * it) or `failed` (refused for good). A cross-tab lock lets one tab send at a time. Backoff has
 * full jitter, and `wake` cuts it short.
 *
 * It never sends two messages of a conversation at once, never gives up by itself, and never
 * changes an id.
 *
 * Called by the messages API (send, retry, discard) and by `SignedInClient` when the server may be
 * reachable again (wake).
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #drains = new Map<string, InterruptibleSleep>()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  send(conversationId: string, { text, replyToId }: { text: string; replyToId?: string }): void {
    this.#put({
      id: newId(),
      conversationId,
      order: (this.#entries(conversationId).at(-1)?.order ?? 0) + 1,
      text,
      ...(replyToId === undefined ? {} : { replyToId }),
      createdAt: new Date().toISOString(),
      state: 'waiting',
    })
  }

  retry(id: string): void {
    const entry = this.#options.replica.memory.outbox.get(id)
    if (entry?.state !== 'failed') return
    const { problem: _, ...again } = entry
    this.#put({ ...again, state: 'waiting' })
  }

  discard(id: string): void {
    const { replica, onError } = this.#options
    const entry = replica.memory.outbox.get(id)
    if (!entry || entry.state === 'stored') return
    const discarded = replica.changeNow(
      touching(entry),
      ({ outbox }) => outbox.delete(id),
      (transaction) => transaction.deleteOutbox(entry),
    )
    discarded.catch(onError)
  }

  /** The server may be reachable now: tries all entries, also those that a closed tab left. */
  wake(): void {
    const { replica, onError } = this.#options
    for (const wait of this.#drains.values()) wait.wake()
    for (const { conversationId } of replica.memory.outbox.values()) this.#start(conversationId)
    this.#adoptOrphans().catch(onError)
  }

  /**
   * Shows the entry at once, and as `waiting` only once it is stored: a tab that closes earlier
   * loses it.
   */
  #put(entry: OutboxEntry): void {
    const { replica, onError } = this.#options
    const saving: OutboxEntry = { ...entry, state: 'saving' }
    const kept = replica.changeNow(
      touching(entry),
      ({ outbox }) => outbox.set(entry.id, saving),
      (transaction) => transaction.putOutbox(entry),
    )
    const go = async () => {
      await kept
      const shown = replica.memory.outbox.get(entry.id) === saving ? this.#show(entry) : undefined
      this.#start(entry.conversationId)
      await shown
    }
    go().catch(onError)
  }

  /** Puts into memory what the store has already. */
  #show(entry: OutboxEntry): Promise<void> {
    return this.#options.replica.changeNow(
      touching(entry),
      ({ outbox }) => outbox.set(entry.id, entry),
      () => undefined,
    )
  }

  async #adoptOrphans(): Promise<void> {
    const { replica } = this.#options
    const entries = await replica.transact((_, database) => database.range('outbox'))
    for (const entry of entries) {
      if (replica.memory.outbox.has(entry.id)) continue
      await this.#show(entry)
      this.#start(entry.conversationId)
    }
  }

  #start(conversationId: string): void {
    const { signal, onError } = this.#options
    if (this.#drains.has(conversationId) || signal.aborted || !this.#firstWaiting(conversationId)) return
    const wait = createInterruptibleSleep(signal)
    this.#drains.set(conversationId, wait)
    const drained = () => {
      this.#drains.delete(conversationId)
      this.#start(conversationId)
    }
    this.#drain(conversationId, wait).catch(onError).finally(drained)
  }

  /**
   * One message of a conversation is in flight at a time, so that none overtakes an earlier one.
   */
  async #drain(conversationId: string, wait: InterruptibleSleep): Promise<void> {
    const { replica, network, crossTabLock, signal, timing } = this.#options
    const lock = `finnigram:outbox:${replica.me}:${conversationId}`
    for (let failures = 0; !signal.aborted; ) {
      const entry = this.#firstWaiting(conversationId)
      if (!entry) return
      if (!network.current().online) await wait.atMost(timing.retryMaxMs)
      try {
        await crossTabLock(lock, () => sendEntry(this.#options, entry))
        failures = 0
      } catch (error) {
        await wait.atMost(this.#waitAfter(error, failures))
        failures += 1
      }
    }
  }

  #waitAfter(error: unknown, failures: number): number {
    const { timing, transport, onError } = this.#options
    // Without a socket a long wait is right; the socket's return cuts it short.
    const maxMs = transport.isConnected ? timing.repairMaxMs : timing.retryMaxMs
    const backoff = backoffMs(failures, { baseMs: timing.retryBaseMs, maxMs })
    if (error instanceof ApiProblem) return Math.max(backoff, error.retryAfterMs ?? 0)
    if (!(error instanceof NetworkProblem)) onError(error)
    return backoff
  }

  #entries(conversationId: string): OutboxEntry[] {
    return entriesOf(this.#options.replica.memory.outbox.values(), conversationId)
  }

  #firstWaiting(conversationId: string): OutboxEntry | undefined {
    return this.#entries(conversationId).find(({ state }) => state === 'waiting')
  }
}

function touching({ conversationId }: OutboxEntry) {
  const ids = new Set([conversationId])
  return { conversations: ids, messages: ids }
}

/**
 * Sends one entry, unless another tab did, and stores the outcome. Throws when it is unknown
 * whether the server has it.
 */
async function sendEntry(
  { replica, transport }: { replica: Replica; transport: Transport },
  entry: OutboxEntry,
): Promise<void> {
  if (!(await isStillWaiting(replica, entry))) return
  const { id, conversationId, text, replyToId } = entry
  try {
    const message = { id, text, ...(replyToId === undefined ? {} : { replyToId }) }
    await keepStored(replica, entry, await transport.sendMessage(conversationId, message))
  } catch (error) {
    if (!isRefusal(error)) throw error
    await keep(replica, { ...entry, state: 'failed', problem: error.problem })
  }
}

/**
 * The store is shared by all tabs: another one may have sent or discarded the entry, or been
 * refused.
 */
function isStillWaiting(replica: Replica, entry: OutboxEntry): Promise<boolean> {
  return replica.transact(async (transaction, database) => {
    const stored = await database.get('outbox', entry.id)
    if (stored?.state === 'waiting') return replica.memory.outbox.has(entry.id)
    if (stored) transaction.putOutbox(stored)
    else transaction.deleteOutbox(entry)
    return false
  })
}

/** Until its event arrives, the answer stands in for the message. */
function keepStored(replica: Replica, entry: OutboxEntry, message: Message): Promise<void> {
  return replica.transact((transaction) => {
    const lastSeq = transaction.conversation(entry.conversationId)?.conversation.lastSeq ?? 0
    if (message.seq <= lastSeq) transaction.deleteOutbox(entry)
    else if (replica.memory.outbox.has(entry.id))
      transaction.putOutbox({ ...entry, state: 'stored', message })
  })
}

/** An entry that was discarded while it was under way stays away. */
function keep(replica: Replica, entry: OutboxEntry): Promise<void> {
  return replica.transact((transaction) => {
    if (replica.memory.outbox.has(entry.id)) transaction.putOutbox(entry)
  })
}
