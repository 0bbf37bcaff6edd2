import type { Message, PublicUser } from '@finnigram/contracts'
import type { LocalDraft } from '../conversations/draft-age.ts'
import { type OutboxEntry, type Unsent, unsentRange } from '../messages/outbox-entry.ts'
import { newerProfile } from '../people/newer-profile.ts'
import type { Database, StoredConversation } from './store.ts'

/** What is in memory: everything but the messages of chats that were not opened. */
export interface Memory {
  conversations: Map<string, StoredConversation>
  /** Messages of the opened chats: of each a window without a hole. */
  windows: Map<string, readonly Message[]>
  outbox: Map<string, OutboxEntry>
  /** The newest known profile of each person. What is shown of a person comes only from here. */
  people: Map<string, PublicUser>
  /**
   * Drafts of this device that the server does not have yet; empty for a draft of the server that
   * was cleared here.
   */
  drafts: Map<string, LocalDraft>
  /** Texts typed here that were superseded by a newer draft of another device. */
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

/** Older messages exist than those at hand. */
export function hasBefore({ conversations, windows }: ReadonlyMemory, id: string): boolean {
  const stored = conversations.get(id)
  if (!stored) return false
  const first = windows.get(id)?.[0]?.seq ?? stored.conversation.lastSeq + 1
  return first > (stored.historyStart ?? stored.conversation.me.joinedSeq + 1)
}

/** Newer messages exist than those at hand. */
export function hasAfter({ conversations, windows }: ReadonlyMemory, id: string): boolean {
  const stored = conversations.get(id)
  const last = windows.get(id)?.at(-1)
  return stored !== undefined && last !== undefined && last.seq < stored.conversation.lastSeq
}

export const cursorKey = 'cursor'

const supersededPrefix = 'superseded/'
export const supersededKey = (conversationId: string): string => `${supersededPrefix}${conversationId}`
const supersededRange = { from: supersededPrefix, to: `${supersededPrefix}~` }

/** A row of `meta`, because the previous version could not open a database with another table. */
export interface Superseded {
  conversationId: string
  texts: readonly string[]
}

/** Loads what an earlier run left on this device. */
export async function loadMemory(database: Database): Promise<Memory> {
  const [conversations, users, outbox, drafts, superseded, unsent, reads, cursor] = await Promise.all([
    database.range('conversations'),
    database.range('users'),
    database.range('outbox'),
    database.range('drafts'),
    database.range('meta', supersededRange) as Promise<Superseded[]>,
    database.range('meta', unsentRange) as Promise<Unsent[]>,
    database.range('reads'),
    database.get('meta', cursorKey),
  ])
  return {
    ...emptyMemory(),
    conversations: new Map(conversations.map((stored) => [stored.conversation.id, stored])),
    people: toPeople(conversations, users),
    outbox: new Map(outbox.map((entry) => [entry.id, entry])),
    drafts: new Map(drafts.map(({ conversationId, ...draft }) => [conversationId, draft])),
    superseded: new Map(superseded.map(({ conversationId, texts }) => [conversationId, texts])),
    unsent,
    reads: new Map(reads.map(({ conversationId, seq }) => [conversationId, seq])),
    cursor: typeof cursor === 'string' ? cursor : undefined,
  }
}

/**
 * Participants carry profiles as old as their conversation; a stored profile of the same version
 * wins.
 */
function toPeople(conversations: StoredConversation[], users: PublicUser[]): Map<string, PublicUser> {
  const people = new Map<string, PublicUser>()
  for (const { conversation } of conversations) {
    for (const { user } of conversation.participants)
      people.set(user.id, newerProfile(people.get(user.id), user))
  }
  for (const user of users) people.set(user.id, newerProfile(people.get(user.id), user))
  return people
}
