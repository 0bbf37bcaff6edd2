import type { ConversationEvent, Message } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { Replica } from '../replica/replica.ts'
import type { Transaction } from '../replica/transaction.ts'
import type { Window } from '../replica/window.ts'
import { type Database, messageKey } from '../store/store.ts'
import { changeMessage } from '../sync/change-message.ts'
import { isCounted, isUnread, readUpTo } from '../sync/count-unread.ts'
import { createSingleFlight } from '../sync/single-flight.ts'
import { hasAfter, hasBefore } from './has-more.ts'

/**
 * Brings messages of a conversation at hand: from this device, and where it has a hole, from the server. What is at hand is
 * one run without a hole. It begins around the first unread message or at the newest one, and grows at both ends.
 */
export interface History {
  /** Puts a first run at hand; what is there stays. Where the server does not answer, the newest stored run, and then throws. */
  open(conversationId: string): Promise<void>
  /** Puts another run at hand, unless the one that is there has the place. Throws when the server had to be asked and did not answer. */
  openAt(conversationId: string, anchor: Anchor): Promise<void>
  loadBefore(conversationId: string): Promise<void>
  loadAfter(conversationId: string): Promise<void>
  /** Up to here nothing is unread: what I read, and what was passed over because it does not count. */
  readThrough(conversationId: string): number
  /** Events that became part of the replica. */
  noteApplied(events: readonly ConversationEvent[]): void
}

export type Anchor = 'newest' | 'unread'

const pageSize = 50
/** Pages without an unread message that are passed over on the way to the first one; behind that it is found by scrolling. */
const mostPassedOver = 20

/** A page on its way, and what was applied meanwhile: the page may be older than that. */
interface Fetch {
  id: string
  meanwhile: ConversationEvent[]
}

export function createHistory({ api, replica }: { api: Api; replica: Replica }): History {
  const single = createSingleFlight()
  const fetches = new Set<Fetch>()
  const passedOver = new Map<string, number>()
  const readThrough = (id: string) => {
    const me = replica.memory.conversations.get(id)?.conversation.me
    return Math.max(me ? readUpTo(me) : 0, passedOver.get(id) ?? 0)
  }

  const fetchPage = async (
    id: string,
    query: { before: number } | { after: number } | { around: number },
    place: (transaction: Transaction, page: Message[]) => void,
  ) => {
    const fetch: Fetch = { id, meanwhile: [] }
    fetches.add(fetch)
    try {
      const page = await api.listMessages(id, { ...query, limit: pageSize })
      const emptyAt = 'before' in query ? query.before : null
      await replica.transact(async (transaction) => {
        const taken = await takePage(transaction, { ...fetch, ...page, emptyAt })
        if (taken) place(transaction, taken)
      })
    } finally {
      fetches.delete(fetch)
    }
  }

  /** Returns the seq around which the server has to be asked; null when there is a run at hand. */
  const showStored = (id: string, anchor: Anchor, isPlaced: (window: Window) => boolean) =>
    replica.transact(async (transaction, database) => {
      const conversation = transaction.conversation(id)?.conversation
      const window = replica.memory.windows.get(id)
      if (!conversation || (window && isPlaced(window))) return null
      const { me, lastSeq } = conversation
      if (anchor === 'newest' || me.unreadCount === 0) {
        transaction.show(id, await storedBefore(database, id, lastSeq + 1))
        return null
      }
      const { run, seq } = await storedUnread(database, { id, me: replica.me, seq: readThrough(id) + 1 })
      passedOver.set(id, seq - 1)
      if (!run) return seq
      transaction.show(id, run)
      return null
    })
  /** What lies between my marker and the first unread message, such as what I wrote from elsewhere, is passed over. */
  const fetchUnread = async (id: string, from: number) => {
    let around: number | null = from
    for (let pages = 1; around !== null; pages += 1) {
      const asked: number = around
      around = null
      await fetchPage(id, { around: asked }, (transaction, page) => {
        const last = page.at(-1)?.seq ?? Number.POSITIVE_INFINITY
        const isEnd = last >= (transaction.conversation(id)?.conversation.lastSeq ?? 0)
        const isFound = page.some((message) => message.seq >= from && isCounted(message, replica.me))
        if (isFound || isEnd || pages >= mostPassedOver) return transaction.show(id, page)
        passedOver.set(id, last)
        around = last + pageSize / 2
      })
    }
  }

  const open = async (id: string) => {
    const from = await showStored(id, 'unread', () => true)
    if (from === null) return
    try {
      await fetchUnread(id, from)
    } catch (error) {
      await showStored(id, 'newest', () => true)
      throw error
    }
  }
  const openAt = async (id: string, anchor: Anchor) => {
    const from = await showStored(id, anchor, (window) => {
      if (anchor === 'newest') return !hasAfter(replica.memory, id)
      const upTo = readThrough(id)
      return (
        (window[0]?.seq ?? 0) <= upTo + 1 && window.some((message) => isUnread(message, replica.me, upTo))
      )
    })
    if (from !== null) await fetchUnread(id, from)
  }
  const loadBefore = async (id: string) => {
    if (!hasBefore(replica.memory, id) || !replica.memory.windows.has(id)) return
    const before = firstSeq(replica, id)
    const found = await replica.transact(async (transaction, database) => {
      const stored = await storedBefore(database, id, before)
      if (stored.length > 0) transaction.prepend(id, stored)
      return stored.length > 0
    })
    if (found) return
    await fetchPage(id, { before }, (transaction, page) => {
      if (firstSeq(replica, id) === before) transaction.prepend(id, page)
    })
  }
  const loadAfter = async (id: string) => {
    const after = replica.memory.windows.get(id)?.at(-1)?.seq
    if (after === undefined || !hasAfter(replica.memory, id)) return
    const found = await replica.transact(async (transaction, database) => {
      const stored = await storedFrom(database, id, after + 1)
      if (stored.length > 0) transaction.append(id, stored)
      return stored.length > 0
    })
    if (!found) await fetchPage(id, { after }, (transaction, page) => transaction.append(id, page))
  }
  return {
    open: (id) => single(`open ${id}`, () => open(id)),
    openAt: (id, anchor) => single(`open ${id}`, () => openAt(id, anchor)),
    loadBefore: (id) => single(`before ${id}`, () => loadBefore(id)),
    loadAfter: (id) => single(`after ${id}`, () => loadAfter(id)),
    readThrough,
    noteApplied(events) {
      for (const event of events)
        for (const { id, meanwhile } of fetches) if (id === event.conversationId) meanwhile.push(event)
    },
  }
}

/** Where the run at hand begins; one past the newest message when there is none. */
function firstSeq({ memory }: Replica, id: string): number {
  return memory.windows.get(id)?.[0]?.seq ?? (memory.conversations.get(id)?.conversation.lastSeq ?? 0) + 1
}

/** Stored messages that reach up to `before` without a hole. */
async function storedBefore(
  database: Database,
  id: string,
  before: number,
  limit = pageSize,
): Promise<Message[]> {
  const [from, to] = [messageKey(id, 0), messageKey(id, before - 1)]
  const newestFirst = await database.range('messages', { from, to, reverse: true, limit })
  const hole = newestFirst.findIndex((message, index) => message.seq !== before - 1 - index)
  return (hole === -1 ? newestFirst : newestFirst.slice(0, hole)).reverse()
}

/** Stored messages that go on from `from` without a hole. */
async function storedFrom(database: Database, id: string, from: number): Promise<Message[]> {
  const [first, last] = [messageKey(id, from), messageKey(id, from + pageSize - 1)]
  const stored = await database.range('messages', { from: first, to: last, limit: pageSize })
  const hole = stored.findIndex((message, index) => message.seq !== from + index)
  return hole === -1 ? stored : stored.slice(0, hole)
}

/** The stored run around the first unread message at or after `seq`, half of it before that; and how far that message has been looked for. */
async function storedUnread(
  database: Database,
  { id, me, seq }: { id: string; me: string; seq: number },
): Promise<{ run?: Message[]; seq: number }> {
  for (let from = seq, pages = 1; ; pages += 1) {
    const page = await storedFrom(database, id, from)
    const isFound = page.some((message) => isCounted(message, me))
    if (isFound || (page.length > 0 && pages >= mostPassedOver)) {
      const limit = Math.max(pageSize / 2, pageSize - page.length)
      return { run: [...(await storedBefore(database, id, from, limit)), ...page], seq: from }
    }
    from += page.length
    if (page.length < pageSize) return { seq: from }
  }
}

interface Page extends Fetch {
  items: Message[]
  hasBefore: boolean
  /** Where history begins if the page has nothing before that. */
  emptyAt: number | null
}

/**
 * Keeps a fetched page. Returns what of it belongs to what is known: messages that the server has beyond that come as
 * events. Null when the conversation is gone.
 */
async function takePage(transaction: Transaction, page: Page): Promise<Message[] | null> {
  const { id, meanwhile, emptyAt } = page
  const stored = transaction.conversation(id)
  if (!stored) return null
  const { lastSeq } = stored.conversation
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
