import {
  type AccountData,
  type AccountType,
  type Aside,
  type ConversationEvent,
  type ConversationEventData,
  type ConversationEventType,
  streamPartitions,
} from '@finnigram/contracts'
import { appendToOutbox } from '@finnigram/service-kit'
import type { Queryable } from '../deps.ts'
import { type AccountEvent, toAccountEntries } from './account-events.ts'

/** The durable facts of one conversation that a transaction makes, in order. */
export interface EventLog {
  /** Who makes the facts. */
  readonly actorId: string
  /** When they are made, RFC 3339: the same for all facts of one transaction. */
  readonly at: string
  /** Version of the newest fact, those told here included. */
  readonly version: number
  /** Adds a fact and returns its version; `aside` is for the streams only. */
  emit<T extends ConversationEventType>(type: T, data: ConversationEventData[T], aside?: Aside): number
  /** Adds a fact for one person's own devices. */
  emitAccountEvent<T extends AccountType>(userId: string, type: T, data: AccountData[T]): void
  /** Writes the facts, their outbox entries and the conversation's version. Returns the outbox partitions to wake the relay with. */
  write(tx: Queryable): Promise<number[]>
}

/** A log that goes on from `version`, the conversation's present one: hold the lock of its row from before that was read until the commit. */
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
  const told: AccountEvent[] = []
  const at = new Date().toISOString()
  let newest = version
  const store = (tx: Queryable) =>
    tx.query(
      `WITH told AS (
  INSERT INTO conversation_events (conversation_id, version, payload)
  SELECT $1, version, payload FROM unnest($2::int[], $3::text[]) AS told (version, payload)
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
    emit(type, data, aside = {}) {
      newest += 1
      const event = { conversationId, version: newest, type, at, actorId, data } as ConversationEvent
      const payload = JSON.stringify(event)
      const hasAside = Object.keys(aside).length > 0
      const streamed = hasAside ? JSON.stringify({ ...event, ...aside }) : payload
      events.push({ version: newest, type, payload, streamed })
      return newest
    },
    emitAccountEvent(userId, type, data) {
      told.push({ userId, type, data } as AccountEvent)
    },
    async write(tx) {
      const entries = [
        ...events.map(({ type, streamed }) => ({ key: conversationId, type, payload: streamed })),
        ...toAccountEntries(told),
      ]
      if (events.length > 0) await store(tx)
      return appendToOutbox(tx, entries, streamPartitions.messages)
    },
  }
}
