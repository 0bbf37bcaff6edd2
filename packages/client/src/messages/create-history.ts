import type { ConversationEvent, Message } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { Replica } from '../replica/replica.ts'
import type { Transaction } from '../replica/transaction.ts'
import { type Database, messageKey } from '../store/store.ts'
import { changeMessage } from '../sync/change-message.ts'
import { createSingleFlight } from '../sync/single-flight.ts'
import { hasBefore } from './has-before.ts'

/** Brings older messages at hand: from this device, and where it has a hole, from the server. */
export interface History {
  /** Puts the newest run of stored messages at hand. */
  open(conversationId: string): Promise<void>
  loadBefore(conversationId: string): Promise<void>
  /** Events that became part of the replica. */
  noteApplied(events: readonly ConversationEvent[]): void
}

const pageSize = 50

export function createHistory({ api, replica }: { api: Api; replica: Replica }): History {
  const single = createSingleFlight()
  const fetching = new Map<string, ConversationEvent[]>()

  const open = (id: string) =>
    replica.transact(async (transaction, database) => {
      const lastSeq = transaction.conversation(id)?.conversation.lastSeq
      if (lastSeq === undefined || replica.memory.windows.has(id)) return
      transaction.prepend(id, await storedBefore(database, id, lastSeq + 1))
    })
  const fetchBefore = async (id: string, before: number) => {
    const meanwhile: ConversationEvent[] = []
    fetching.set(id, meanwhile)
    try {
      const page = await api.listMessages(id, { before, limit: pageSize })
      await replica.transact(async (transaction) => {
        if (firstSeq(replica, id) !== before) return
        await takePage(transaction, { id, before, ...page, meanwhile })
      })
    } finally {
      fetching.delete(id)
    }
  }
  const loadBefore = async (id: string) => {
    if (!hasBefore(replica.memory, id)) return
    const before = firstSeq(replica, id)
    const found = await replica.transact(async (transaction, database) => {
      const stored = await storedBefore(database, id, before)
      if (stored.length > 0) transaction.prepend(id, stored)
      return stored.length > 0
    })
    if (!found) await fetchBefore(id, before)
  }
  return {
    open,
    loadBefore: (id) => single(`before ${id}`, () => loadBefore(id)),
    noteApplied(events) {
      for (const event of events) fetching.get(event.conversationId)?.push(event)
    },
  }
}

/** Where the run at hand begins; one past the newest message when there is none. */
function firstSeq({ memory }: Replica, id: string): number {
  return memory.windows.get(id)?.[0]?.seq ?? (memory.conversations.get(id)?.conversation.lastSeq ?? 0) + 1
}

/** Stored messages that reach up to `before` without a hole. */
async function storedBefore(database: Database, id: string, before: number): Promise<Message[]> {
  const from = messageKey(id, 0)
  const to = messageKey(id, before - 1)
  const newestFirst = await database.range('messages', { from, to, reverse: true, limit: pageSize })
  const hole = newestFirst.findIndex((message, index) => message.seq !== before - 1 - index)
  return hole === -1 ? newestFirst : newestFirst.slice(0, hole)
}

interface Page {
  id: string
  before: number
  items: Message[]
  hasBefore: boolean
  /** What was applied while the page was on its way: it may be older than that. */
  meanwhile: readonly ConversationEvent[]
}

async function takePage(transaction: Transaction, { id, before, items, hasBefore: more, meanwhile }: Page) {
  const stored = transaction.conversation(id)
  if (!stored) return
  const from = items[0]?.seq ?? before
  const known = new Map(
    (await transaction.messages(id, { from, to: before - 1 })).map((one) => [one.seq, one]),
  )
  const page = items.map((item) => newer(meanwhile.reduce(changeMessage, item), known.get(item.seq)))
  transaction.putMessages(id, page)
  transaction.prepend(id, page)
  if (!more) transaction.putConversation({ ...stored, historyStart: from })
}

function newer(fetched: Message, known: Message | undefined): Message {
  return known && known.version >= fetched.version ? known : fetched
}
