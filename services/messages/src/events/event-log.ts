import {
  type AccountData,
  type AccountType,
  type ConversationEvent,
  type ConversationEventData,
  type ConversationEventType,
  type DeliveryMetadata,
  streamPartitions,
} from '@finnigram/contracts'
import { appendToOutbox } from '@finnigram/service-kit'
import type { Queryable } from '../deps.ts'
import { type AccountEvent, toAccountEntries } from './account-events.ts'

/** The events of one conversation that a transaction adds, in order. */
export interface EventLog {
  /** Who causes the events. */
  readonly actorId: string
  /** Their time, RFC 3339: the same for all events of one transaction. */
  readonly at: string
  /** Version of the newest event, with those added here. */
  readonly version: number
  /**
   * Adds an event and returns its version. `metadata` is for delivery: only the stream carries it.
   */
  emit<T extends ConversationEventType>(
    type: T,
    data: ConversationEventData[T],
    metadata?: DeliveryMetadata,
  ): number
  /** Adds an event for one person's own devices. */
  emitAccountEvent<T extends AccountType>(userId: string, type: T, data: AccountData[T]): void
  /**
   * Writes events, outbox entries and the conversation's version. Returns the outbox partitions to
   * wake the relay with.
   */
  write(tx: Queryable): Promise<number[]>
}

/**
 * Opens a log after `version`, the conversation's present one. Hold the row's lock from reading it
 * to the commit.
 */
export function openEventLog({
  conversationId,
  actorId,
  version,
}: {
  conversationId: string
  actorId: string
  version: number
}): EventLog {
  const events: { version: number; type: ConversationEventType; payload: string; streamed: string }[] = []
  const accountEvents: AccountEvent[] = []
  const at = new Date().toISOString()
  let newest = version
  const store = (tx: Queryable) =>
    tx.query(
      `WITH added AS (
  INSERT INTO conversation_events (conversation_id, version, payload)
  SELECT $1, version, payload FROM unnest($2::int[], $3::text[]) AS event (version, payload)
)
UPDATE conversations SET version = $4 WHERE id = $1`,
      [conversationId, events.map((event) => event.version), events.map((event) => event.payload), newest],
    )
  return {
    actorId,
    at,
    get version() {
      return newest
    },
    emit(type, data, metadata = {}) {
      newest += 1
      const event = { conversationId, version: newest, type, at, actorId, data } as ConversationEvent
      const payload = JSON.stringify(event)
      const hasMetadata = Object.keys(metadata).length > 0
      const streamed = hasMetadata ? JSON.stringify({ ...event, ...metadata }) : payload
      events.push({ version: newest, type, payload, streamed })
      return newest
    },
    emitAccountEvent(userId, type, data) {
      accountEvents.push({ userId, type, data } as AccountEvent)
    },
    async write(tx) {
      const entries = [
        ...events.map(({ type, streamed }) => ({ key: conversationId, type, payload: streamed })),
        ...toAccountEntries(accountEvents),
      ]
      if (events.length > 0) await store(tx)
      return appendToOutbox(tx, entries, streamPartitions.messages)
    },
  }
}
