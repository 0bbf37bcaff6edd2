import { newId } from '@finnigram/contracts'
import { ApiProblem, NetworkProblem } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { Exclusive } from '../exclusive.ts'
import type { NetworkSource } from '../realtime/network-source.ts'
import type { Replica } from '../replica/replica.ts'
import type { Timing } from '../timing.ts'
import type { Transport } from '../transport.ts'
import { createWait, type Wait } from '../wait.ts'
import { entriesOf } from './entries-of.ts'
import type { OutboxEntry } from './outbox-entry.ts'
import { sendEntry } from './send-entry.ts'

/** Messages on their way out: kept on the device first, then sent in order per conversation, for ever, each under one id. */
export interface Outbox {
  send(conversationId: string, input: { text: string; replyToId?: string }): void
  retry(id: string): void
  discard(id: string): void
  /** The server may be reachable now: tries all that waits, and what a closed tab left behind. */
  wake(): void
}

export interface OutboxOptions {
  replica: Replica
  transport: Transport
  exclusive: Exclusive
  network: NetworkSource
  signal: AbortSignal
  timing: Timing
  onError: (error: unknown) => void
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { replica, network, signal, timing, onError } = options
  const { memory, me } = replica
  const drains = new Map<string, Wait>()

  /** One message of a conversation is in flight at a time, so none overtakes an earlier one. */
  const drain = async (conversationId: string, wait: Wait) => {
    for (let failures = 0; !signal.aborted; ) {
      const entry = firstWaiting(memory.outbox.values(), conversationId)
      if (!entry) return
      if (!network.current().online) await wait.atMost(timing.retryMaxMs)
      try {
        const name = `finnigram:outbox:${me}:${conversationId}`
        await options.exclusive(name, () => sendEntry(options, entry))
        failures = 0
      } catch (error) {
        if (!(error instanceof ApiProblem || error instanceof NetworkProblem)) onError(error)
        const backoff = backoffMs(failures, { baseMs: timing.retryBaseMs, maxMs: timing.retryMaxMs })
        await wait.atMost(Math.max(backoff, error instanceof ApiProblem ? (error.retryAfterMs ?? 0) : 0))
        failures += 1
      }
    }
  }
  const start = (conversationId: string) => {
    if (drains.has(conversationId) || signal.aborted) return
    const wait = createWait(signal)
    drains.set(conversationId, wait)
    drain(conversationId, wait)
      .catch(onError)
      .finally(() => {
        drains.delete(conversationId)
        if (firstWaiting(memory.outbox.values(), conversationId)) start(conversationId)
      })
  }
  const put = async (entry: OutboxEntry) => {
    await replica.changeNow(
      touching(entry),
      ({ outbox }) => outbox.set(entry.id, entry),
      (transaction) => transaction.putOutbox(entry),
    )
    start(entry.conversationId)
  }
  const adoptOrphans = async () => {
    const entries = await replica.transact((_, database) => database.range('outbox'))
    for (const entry of entries) {
      if (memory.outbox.has(entry.id)) continue
      await replica.changeNow(
        touching(entry),
        ({ outbox }) => outbox.set(entry.id, entry),
        () => undefined,
      )
      start(entry.conversationId)
    }
  }
  return {
    send(conversationId, { text, replyToId }) {
      const entry: OutboxEntry = {
        id: newId(),
        conversationId,
        order: nextOrder(memory.outbox.values(), conversationId),
        text,
        ...(replyToId === undefined ? {} : { replyToId }),
        createdAt: new Date().toISOString(),
        state: 'waiting',
      }
      put(entry).catch(onError)
    },
    retry(id) {
      const entry = memory.outbox.get(id)
      if (entry?.state !== 'failed') return
      const { problem: _, ...again } = entry
      put({ ...again, state: 'waiting' }).catch(onError)
    },
    discard(id) {
      const entry = memory.outbox.get(id)
      if (!entry || entry.state === 'stored') return
      replica
        .changeNow(
          touching(entry),
          ({ outbox }) => outbox.delete(id),
          (transaction) => transaction.deleteOutbox(entry),
        )
        .catch(onError)
    },
    wake() {
      for (const wait of drains.values()) wait.wake()
      for (const { conversationId } of memory.outbox.values()) start(conversationId)
      adoptOrphans().catch(onError)
    },
  }
}

function touching({ conversationId }: OutboxEntry) {
  const ids = new Set([conversationId])
  return { conversations: ids, messages: ids }
}

function firstWaiting(outbox: Iterable<OutboxEntry>, conversationId: string): OutboxEntry | undefined {
  return entriesOf(outbox, conversationId).find(({ state }) => state === 'waiting')
}

function nextOrder(outbox: Iterable<OutboxEntry>, conversationId: string): number {
  return (entriesOf(outbox, conversationId).at(-1)?.order ?? 0) + 1
}
