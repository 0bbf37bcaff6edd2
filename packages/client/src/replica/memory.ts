import type { Message, PublicUser } from '@finnigram/contracts'
import type { LocalDraft } from '../conversations/draft-age.ts'
import type { OutboxEntry } from '../messages/outbox-entry.ts'
import type { Unsent } from '../messages/unsent.ts'
import type { StoredConversation } from './stored-conversation.ts'

/** What is at hand without asking the store: everything but the messages of chats that were not opened. */
export interface Memory {
  conversations: Map<string, StoredConversation>
  /** Messages of the opened chats: of each a run without a hole, around where it is read. */
  windows: Map<string, readonly Message[]>
  outbox: Map<string, OutboxEntry>
  /**
   * The newest profile of everyone this device has met: what is shown of a person comes from here
   * alone.
   */
  people: Map<string, PublicUser>
  /** What was typed here and the server does not have yet; empty where a draft it has was cleared. */
  drafts: Map<string, LocalDraft>
  /** What was typed here, and gave way to a newer draft of another device. */
  superseded: Map<string, readonly string[]>
  /** Of conversations that are gone. The same array until something changes. */
  unsent: readonly Unsent[]
  /** My read markers that the server does not have yet. */
  reads: Map<string, number>
  /** Where the last sync ended. */
  cursor: string | undefined
}

export type ReadonlyMemory = {
  readonly [K in keyof Memory]: Memory[K] extends Map<infer Key, infer Value>
    ? ReadonlyMap<Key, Value>
    : Memory[K]
}

export function emptyMemory(): Memory {
  return {
    conversations: new Map(),
    windows: new Map(),
    outbox: new Map(),
    people: new Map(),
    drafts: new Map(),
    superseded: new Map(),
    unsent: [],
    reads: new Map(),
    cursor: undefined,
  }
}
