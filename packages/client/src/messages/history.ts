import type { ConversationEvent, Message } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { hasAfter, hasBefore } from '../replica/memory.ts'
import type { Replica } from '../replica/replica.ts'
import type { Transaction } from '../replica/transaction.ts'
import type { Window } from '../replica/window.ts'
import { createSingleFlight } from '../single-flight.ts'
import { changeMessage, isCounted, isUnread, readUpTo } from '../sync/message-reducer.ts'
import { mostPassedOver, pageSize, storedBefore, storedFrom, storedUnread } from './contiguous-runs.ts'

/**
 * Loads messages of a conversation into memory: from the store, and from the server where the store
 * has a hole. What is at hand is one window without a hole. It begins around the first unread
 * message or at the newest one, and grows at both ends.
 */
export interface History {
  /**
   * Loads a first window; one that is there stays. If the server does not answer, loads the newest
   * stored messages, and then throws.
   */
  open(conversationId: string): Promise<void>
  /**
   * Loads another window, unless the present one has the place, or `isWanted` says no once it came.
   * Of several calls that wait, the last one counts. Throws if the server had to be asked and did
   * not answer.
   */
  openAt(conversationId: string, anchor: Anchor, isWanted?: () => boolean): Promise<void>
  loadBefore(conversationId: string): Promise<void>
  loadAfter(conversationId: string): Promise<void>
  /** The seq up to which nothing is unread: I read it, or it does not count. */
  readThrough(conversationId: string): number
  /** These events are part of the replica now. */
  noteApplied(events: readonly ConversationEvent[]): void
}

export type Anchor = 'newest' | 'unread'

interface Aim {
  anchor: Anchor
  isWanted: () => boolean
}

/** A page under way, and the events applied meanwhile: the page may be older than they are. */
interface Fetch {
  id: string
  /** The conversation's version when the page was requested. */
  version: number | undefined
  meanwhile: ConversationEvent[]
}

export const createHistory = (options: { api: Api; replica: Replica }): History => new LocalHistory(options)

class LocalHistory implements History {
  readonly #api: Api
  readonly #replica: Replica
  readonly #singleFlight = createSingleFlight()
  readonly #fetches = new Set<Fetch>()
  readonly #passedOver = new Map<string, number>()
  /** Where each conversation is to be opened next. */
  readonly #aims = new Map<string, Aim>()

  constructor({ api, replica }: { api: Api; replica: Replica }) {
    this.#api = api
    this.#replica = replica
  }

  open(id: string): Promise<void> {
    return this.#singleFlight(`open ${id}`, () => this.#show(id))
  }

  openAt(id: string, anchor: Anchor, isWanted = () => true): Promise<void> {
    this.#aims.set(id, { anchor, isWanted })
    return this.#singleFlight(`open ${id}`, () => this.#show(id))
  }

  loadBefore(id: string): Promise<void> {
    return this.#singleFlight(`before ${id}`, () => this.#loadBefore(id))
  }

  loadAfter(id: string): Promise<void> {
    return this.#singleFlight(`after ${id}`, () => this.#loadAfter(id))
  }

  readThrough(id: string): number {
    const me = this.#replica.memory.conversations.get(id)?.conversation.me
    return Math.max(me ? readUpTo(me) : 0, this.#passedOver.get(id) ?? 0)
  }

  noteApplied(events: readonly ConversationEvent[]): void {
    for (const event of events)
      for (const { id, meanwhile } of this.#fetches) if (id === event.conversationId) meanwhile.push(event)
  }

  /** Calls that wait share one run, which goes where the last of them asked for. */
  #show(id: string): Promise<void> {
    const aim = this.#aims.get(id)
    this.#aims.delete(id)
    return aim === undefined ? this.#open(id) : this.#openAt(id, aim)
  }

  async #open(id: string): Promise<void> {
    const from = await this.#showStored(id, 'unread', () => true)
    if (from === null) return
    try {
      await this.#fetchUnread(id, from)
    } catch (error) {
      await this.#showStored(id, 'newest', () => true)
      throw error
    }
  }

  async #openAt(id: string, { anchor, isWanted }: Aim): Promise<void> {
    const { me, memory } = this.#replica
    const from = await this.#showStored(id, anchor, (window) => {
      if (!isWanted()) return true
      if (anchor === 'newest') return !hasAfter(memory, id)
      const upTo = this.readThrough(id)
      return (window[0]?.seq ?? 0) <= upTo + 1 && window.some((message) => isUnread(message, me, upTo))
    })
    if (from !== null) await this.#fetchUnread(id, from, isWanted)
  }

  async #loadBefore(id: string): Promise<void> {
    const replica = this.#replica
    if (!hasBefore(replica.memory, id) || !replica.memory.windows.has(id)) return
    const before = firstSeq(replica, id)
    const found = await replica.transact(async (transaction, database) => {
      const stored = await storedBefore(database, id, before)
      if (stored.length > 0) transaction.prepend(id, stored)
      return stored.length > 0
    })
    if (found) return
    await this.#fetchPage(id, { before }, (transaction, page) => {
      if (firstSeq(replica, id) === before) transaction.prepend(id, page)
    })
  }

  async #loadAfter(id: string): Promise<void> {
    const { memory, transact } = this.#replica
    const after = memory.windows.get(id)?.at(-1)?.seq
    if (after === undefined || !hasAfter(memory, id)) return
    const found = await transact(async (transaction, database) => {
      const stored = await storedFrom(database, id, after + 1)
      if (stored.length > 0) transaction.append(id, stored)
      return stored.length > 0
    })
    if (!found) await this.#fetchPage(id, { after }, (transaction, page) => transaction.append(id, page))
  }

  /** Returns the seq around which to ask the server; null when a window is at hand. */
  #showStored(id: string, anchor: Anchor, isPlaced: (window: Window) => boolean): Promise<number | null> {
    const { me: userId, memory, transact } = this.#replica
    return transact(async (transaction, database) => {
      const conversation = transaction.conversation(id)?.conversation
      const window = memory.windows.get(id)
      if (!conversation || (window && isPlaced(window))) return null
      const { me, lastSeq } = conversation
      if (anchor === 'newest' || me.unreadCount === 0) {
        transaction.show(id, await storedBefore(database, id, lastSeq + 1))
        return null
      }
      const from = this.readThrough(id) + 1
      const { run, seq } = await storedUnread(database, { id, me: userId, seq: from })
      this.#passedOver.set(id, seq - 1)
      if (!run) return seq
      transaction.show(id, run)
      return null
    })
  }

  /**
   * Passes over what lies between my marker and the first unread message, such as messages of my
   * own.
   */
  async #fetchUnread(id: string, from: number, isWanted = () => true): Promise<void> {
    let around: number | null = from
    for (let pages = 1; around !== null; pages += 1) {
      const asked: number = around
      around = null
      await this.#fetchPage(id, { around: asked }, (transaction, page) => {
        if (!isWanted()) return
        const last = page.at(-1)?.seq ?? Number.POSITIVE_INFINITY
        const isEnd = last >= (transaction.conversation(id)?.conversation.lastSeq ?? 0)
        const isFound = page.some((message) => message.seq >= from && isCounted(message, this.#replica.me))
        if (isFound || isEnd || pages >= mostPassedOver) return transaction.show(id, page)
        this.#passedOver.set(id, last)
        around = last + pageSize / 2
      })
    }
  }

  async #fetchPage(
    id: string,
    query: { before: number } | { after: number } | { around: number },
    place: (transaction: Transaction, page: Message[]) => void,
  ): Promise<void> {
    const version = this.#replica.memory.conversations.get(id)?.conversation.version
    const fetch: Fetch = { id, version, meanwhile: [] }
    this.#fetches.add(fetch)
    try {
      const page = await this.#api.listMessages(id, { ...query, limit: pageSize })
      const emptyAt = 'before' in query ? query.before : null
      await this.#replica.transact(async (transaction) => {
        const taken = await storePage(transaction, { ...fetch, ...page, emptyAt })
        if (taken) place(transaction, taken)
      })
    } finally {
      this.#fetches.delete(fetch)
    }
  }
}

/** The first seq of the window; one past the newest message when there is no window. */
function firstSeq({ memory }: Replica, id: string): number {
  return memory.windows.get(id)?.[0]?.seq ?? (memory.conversations.get(id)?.conversation.lastSeq ?? 0) + 1
}

interface Page extends Fetch {
  items: Message[]
  hasBefore: boolean
  /** Where history begins if the page has nothing before that. */
  emptyAt: number | null
}

/**
 * Stores a fetched page. Returns its messages up to the known `lastSeq`: later ones come as events.
 * Null if the conversation is gone or was reset meanwhile, because the page may be older than that.
 */
async function storePage(transaction: Transaction, page: Page): Promise<Message[] | null> {
  const { id, version, meanwhile, emptyAt } = page
  const stored = transaction.conversation(id)
  if (!stored || version === undefined) return null
  const { lastSeq } = stored.conversation
  if (stored.conversation.version !== version + meanwhile.length) return null
  const items = page.items.filter(({ seq }) => seq <= lastSeq)
  const from = items[0]?.seq ?? emptyAt
  const range = { from: from ?? 0, to: items.at(-1)?.seq ?? -1 }
  const known = new Map((await transaction.messages(id, range)).map((one) => [one.seq, one]))
  const taken = items.map((item) => newer(meanwhile.reduce(changeMessage, item), known.get(item.seq)))
  transaction.putMessages(id, taken)
  if (!page.hasBefore && from !== null) transaction.putConversation({ ...stored, historyStart: from })
  return taken
}

function newer(fetched: Message, known: Message | undefined): Message {
  return known && known.version >= fetched.version ? known : fetched
}
