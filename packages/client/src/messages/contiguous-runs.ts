import type { Message } from '@finnigram/contracts'
import { type Database, messageKey } from '../replica/store.ts'
import { isCounted } from '../sync/message-reducer.ts'

export const pageSize = 50
/**
 * So many pages without an unread message are passed over; behind them the message is found by
 * scrolling.
 */
export const mostPassedOver = 20

/** Stored messages that end at `before - 1`, without a hole. */
export async function storedBefore(
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

/** Stored messages that begin at `from`, without a hole. */
export async function storedFrom(database: Database, id: string, from: number): Promise<Message[]> {
  const [first, last] = [messageKey(id, from), messageKey(id, from + pageSize - 1)]
  const stored = await database.range('messages', { from: first, to: last, limit: pageSize })
  const hole = stored.findIndex((message, index) => message.seq !== from + index)
  return hole === -1 ? stored : stored.slice(0, hole)
}

/**
 * The stored messages around the first unread one at or after `seq`, half of them before it; and
 * the seq up to which it was looked for.
 */
export async function storedUnread(
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
