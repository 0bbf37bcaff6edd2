import type { Conversation, Message, PublicUser } from '@finnigram/contracts'
import type { LocalDraft } from '../conversations/draft-age.ts'
import type { OutboxEntry } from '../messages/outbox-entry.ts'

/** A conversation exactly at `conversation.version`: every event up to it is applied. */
export interface StoredConversation {
  conversation: Conversation
  /** Seq of the oldest message that may be read, once history has been read to its start. */
  historyStart: number | null
}

/** What is kept on the device, by table. Keys are strings, and ranges follow their order. */
export interface Tables {
  /** By conversation id. */
  conversations: StoredConversation
  /** By `messageKey`: the conversation, then the seq. */
  messages: Message
  /** By message id. */
  outbox: OutboxEntry
  /** Drafts that the server does not have yet, by conversation id. */
  drafts: { conversationId: string } & Omit<LocalDraft, 'monotonic'>
  /** Read markers that the server does not have yet, by conversation id. */
  reads: { conversationId: string; seq: number }
  /** People, by user id. */
  users: PublicUser
  /** Single values, by name. */
  meta: unknown
}
export type Table = keyof Tables
export const tables = [
  'conversations',
  'messages',
  'outbox',
  'drafts',
  'reads',
  'users',
  'meta',
] as const satisfies Table[]

type Put = {
  [T in Table]: {
    op: 'put'
    table: T
    key: string
    value: Tables[T]
    /**
     * When given, a stored row with a higher version stays: a slower tab cannot undo a faster one.
     */
    version?: number
  }
}[Table]

export type Change =
  | Put
  | { op: 'delete'; table: Table; key: string }
  | { op: 'deleteRange'; table: Table; from: string; to: string }

export interface KeyRange {
  /** First key, included. */
  from?: string
  /** Last key, included. */
  to?: string
  /** From the last key to the first. */
  reverse?: boolean
  limit?: number
}

/** One person's data on this device. */
export interface Database {
  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined>
  range<T extends Table>(table: T, range?: KeyRange): Promise<Tables[T][]>
  /** All changes or none, in order. */
  write(changes: readonly Change[]): Promise<void>
  close(): Promise<void>
}

/**
 * Where the client keeps its data between runs: one database per person. Implementations:
 * `memory-store.ts`, `indexed-db-store.ts`.
 */
export interface Store {
  open(userId: string): Promise<Database>
  /** Removes everything kept for this person, even while another tab has it open. */
  destroy(userId: string): Promise<void>
  /** Whether what is written outlives the process, as far as can be known; true when undefined. */
  isDurable?(): Promise<boolean>
}

const widestSeq = 12

/** Key of a message: all messages of a conversation stand together, in seq order. */
export function messageKey(conversationId: string, seq: number): string {
  return `${conversationId}/${String(seq).padStart(widestSeq, '0')}`
}

/** All messages of a conversation. */
export function messagesOf(conversationId: string): { from: string; to: string } {
  return { from: `${conversationId}/`, to: `${conversationId}/~` }
}
