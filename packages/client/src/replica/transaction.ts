import type { Message, Participant, PublicUser } from '@finnigram/contracts'
import type { LocalDraft } from '../conversations/draft-age.ts'
import {
  type OutboxEntry,
  replaceUnsent,
  type Unsent,
  unsentKey,
  unsentOf,
} from '../messages/outbox-entry.ts'
import { newerProfile, rankOf } from '../people/newer-profile.ts'
import { cursorKey, type Memory, supersededKey } from './memory.ts'
import { type Change, type Database, messageKey, messagesOf, type StoredConversation } from './store.ts'
import { prependToWindow, putInWindow, type Window } from './window.ts'

/** Changes that reach the store together, and become visible after that. */
export class Transaction {
  readonly #memory: Memory
  readonly #database: Database
  readonly #conversations = new Map<string, StoredConversation | null>()
  readonly #messages = new Map<string, Map<number, Message>>()
  readonly #forgotten = new Set<string>()
  readonly #people = new Map<string, PublicUser>()
  readonly #effects: (() => void)[] = []
  readonly changes: Change[] = []
  /** Conversations whose row in the list may look different now. */
  readonly touched = new Set<string>()
  /** Conversations whose messages may look different now. */
  readonly touchedMessages = new Set<string>()

  /** People of whom something newer is known now. */
  get touchedPeople(): ReadonlySet<string> {
    return new Set(this.#people.keys())
  }

  constructor(memory: Memory, database: Database) {
    this.#memory = memory
    this.#database = database
  }

  conversation(id: string): StoredConversation | undefined {
    const changed = this.#conversations.get(id)
    return changed === undefined ? this.#memory.conversations.get(id) : (changed ?? undefined)
  }

  putConversation(value: StoredConversation): void {
    const { id, version } = value.conversation
    this.#conversations.set(id, value)
    this.changes.push({ op: 'put', table: 'conversations', key: id, value, version })
    this.touched.add(id)
  }

  /** Forgets what came from the server, not what was written here and is not sent. */
  forgetConversation(id: string): void {
    this.#conversations.set(id, null)
    this.changes.push({ op: 'delete', table: 'conversations', key: id })
    this.#messages.delete(id)
    this.#forgotten.add(id)
    this.changes.push({ op: 'deleteRange', table: 'messages', ...messagesOf(id) })
    this.touchedMessages.add(id)
  }

  /** Forgets a conversation that I no longer take part in; texts that were never sent stay. */
  dropConversation(id: string, me: string): void {
    const unsent = unsentOf(this.#memory, me, id)
    if (unsent) this.putUnsent(id, unsent)
    this.forgetConversation(id)
    this.putMeta(supersededKey(id), undefined)
    for (const table of ['drafts', 'reads'] as const) this.changes.push({ op: 'delete', table, key: id })
    for (const entry of this.#memory.outbox.values())
      if (entry.conversationId === id) this.deleteOutbox(entry)
    this.touched.add(id)
  }

  /** A stored message, with the changes of this transaction. */
  async message(id: string, seq: number): Promise<Message | undefined> {
    const changed = this.#messages.get(id)
    if (changed?.has(seq)) return changed.get(seq)
    if (this.#forgotten.has(id)) return undefined
    const window = this.#memory.windows.get(id) ?? []
    const atHand = window[seq - (window[0]?.seq ?? 0)]
    return atHand ?? this.#database.get('messages', messageKey(id, seq))
  }

  /** Stored messages of a range of seqs, in order, with the changes of this transaction. */
  async messages(id: string, range: { from: number; to: number }): Promise<Message[]> {
    const from = messageKey(id, range.from)
    const stored = this.#forgotten.has(id)
      ? []
      : await this.#database.range('messages', { from, to: messageKey(id, range.to) })
    const bySeq = new Map(stored.map((message) => [message.seq, message]))
    for (const [seq, message] of this.#messages.get(id) ?? []) {
      if (seq >= range.from && seq <= range.to) bySeq.set(seq, message)
    }
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
  }

  putMessages(id: string, messages: Iterable<Message>): void {
    const changed = this.#messages.get(id) ?? new Map<number, Message>()
    this.#messages.set(id, changed)
    for (const value of messages) {
      changed.set(value.seq, value)
      const { version } = value
      this.changes.push({ op: 'put', table: 'messages', key: messageKey(id, value.seq), value, version })
    }
    this.touchedMessages.add(id)
  }

  /** Replaces the window. */
  show(id: string, run: Window): void {
    this.#changeWindow(id, () => run)
  }

  /** Adds an older page to the window. */
  prepend(id: string, page: Iterable<Message>): void {
    this.#changeWindow(id, (window) => prependToWindow(window, page))
  }

  /** Adds a newer page to the window. */
  append(id: string, page: Iterable<Message>): void {
    this.#changeWindow(id, (window) => putInWindow(window, page))
  }

  #changeWindow(id: string, change: (window: Window) => Window): void {
    const { windows } = this.#memory
    this.#effects.push(() => windows.set(id, change(windows.get(id) ?? [])))
    this.touchedMessages.add(id)
  }

  putOutbox(value: OutboxEntry): void {
    this.changes.push({ op: 'put', table: 'outbox', key: value.id, value })
    this.#outboxTouched(value, () => this.#memory.outbox.set(value.id, value))
  }

  deleteOutbox({ id, conversationId }: Pick<OutboxEntry, 'id' | 'conversationId'>): void {
    this.changes.push({ op: 'delete', table: 'outbox', key: id })
    this.#outboxTouched({ conversationId }, () => this.#memory.outbox.delete(id))
  }

  /** Sent messages up to `lastSeq` are history now. */
  deleteStoredOutbox(id: string, lastSeq: number): void {
    for (const entry of this.#memory.outbox.values()) {
      const seq = entry.conversationId === id ? entry.message?.seq : undefined
      if (seq !== undefined && seq <= lastSeq) this.deleteOutbox(entry)
    }
  }

  #outboxTouched({ conversationId }: { conversationId: string }, effect: () => void): void {
    this.#effects.push(effect)
    this.touched.add(conversationId)
    this.touchedMessages.add(conversationId)
  }

  /** A monotonic time means nothing to the next run. */
  putDraft(conversationId: string, draft: LocalDraft): void {
    const { monotonic: _, ...kept } = draft
    this.changes.push({ op: 'put', table: 'drafts', key: conversationId, value: { conversationId, ...kept } })
    this.#effects.push(() => this.#memory.drafts.set(conversationId, draft))
  }

  deleteDraft(conversationId: string): void {
    this.changes.push({ op: 'delete', table: 'drafts', key: conversationId })
    this.touched.add(conversationId)
    this.#effects.push(() => this.#memory.drafts.delete(conversationId))
  }

  putRead(conversationId: string, seq: number): void {
    const value = { conversationId, seq }
    this.changes.push({ op: 'put', table: 'reads', key: conversationId, value })
    this.#effects.push(() => this.#memory.reads.set(conversationId, seq))
  }

  deleteRead(conversationId: string): void {
    this.changes.push({ op: 'delete', table: 'reads', key: conversationId })
    this.#effects.push(() => this.#memory.reads.delete(conversationId))
  }

  /** Profiles from any source, in any order: the newest stays, in memory and in the store. */
  putPeople(users: Iterable<PublicUser>): void {
    for (const user of users) {
      const known = this.person(user.id)
      const value = newerProfile(known, user)
      if (value === known) continue
      this.#people.set(user.id, value)
      this.storePeople([value])
    }
  }

  /** Profiles that a conversation's row keeps. They need a row of their own if versions differ. */
  putParticipants(participants: readonly Participant[]): void {
    for (const { user } of participants) {
      const known = this.person(user.id)
      const value = newerProfile(known, user)
      if (value !== known) this.#people.set(user.id, value)
      if (known && rankOf(known) !== rankOf(user)) this.storePeople([value])
    }
  }

  /** Gives people a row of their own when a conversation no longer lists them. */
  keepPeople(userIds: Iterable<string>): void {
    for (const id of userIds) {
      const user = this.person(id)
      if (user) this.storePeople([user])
    }
  }

  person(id: string): PublicUser | undefined {
    return this.#people.get(id) ?? this.#memory.people.get(id)
  }

  /** Profiles as they are in memory already. */
  storePeople(users: Iterable<PublicUser>): void {
    for (const value of users)
      this.changes.push({ op: 'put', table: 'users', key: value.id, value, version: rankOf(value) })
  }

  putCursor(cursor: string): void {
    this.putMeta(cursorKey, cursor)
    this.#effects.push(() => {
      this.#memory.cursor = cursor
    })
  }

  /** Undefined removes it. */
  putMeta(key: string, value: unknown): void {
    const op = value === undefined ? 'delete' : 'put'
    this.changes.push({ op, table: 'meta', key, value })
  }

  putUnsent(id: string, unsent: Unsent | undefined): void {
    this.putMeta(unsentKey(id), unsent)
    this.touched.add(id)
    this.#effects.push(() => replaceUnsent(this.#memory, id, unsent))
  }

  /** Makes the changes visible; the store has them. */
  takeEffect(): void {
    const { conversations, windows, drafts, superseded, reads, people } = this.#memory
    for (const [id, user] of this.#people) people.set(id, newerProfile(people.get(id), user))
    for (const [id, value] of this.#conversations) {
      if (value) conversations.set(id, value)
      else for (const map of [conversations, drafts, superseded, reads]) map.delete(id)
    }
    for (const id of this.#forgotten) windows.delete(id)
    for (const [id, changed] of this.#messages) {
      const window = windows.get(id)
      if (window) windows.set(id, putInWindow(window, changed.values()))
    }
    for (const effect of this.#effects) effect()
  }
}
