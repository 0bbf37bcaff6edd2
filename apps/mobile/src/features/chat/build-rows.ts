import { isCounted, type MessageView } from '@finnigram/client'
import { startOfDay } from '../../i18n/format-time.ts'

export type MessageRow = {
  kind: 'message'
  key: string
  message: MessageView
  mine: boolean
  /** First and last in a run of messages by one sender. */
  first: boolean
  last: boolean
}

export type ChatRow =
  | { kind: 'start'; key: string }
  | { kind: 'day'; key: string; day: number }
  | { kind: 'unread'; key: string }
  | { kind: 'system'; key: string; message: MessageView }
  | MessageRow

type History = {
  items: readonly MessageView[]
  hasBefore: boolean
  firstUnreadSeq: number | null
}

/** Messages by one sender within this time form a group. */
const togetherMs = 5 * 60_000

/**
 * Builds the rows of the list, oldest first. An unchanged row stays the same object, so that only
 * changed rows render.
 */
export function createRowBuilder(me: string): (history: History) => ChatRow[] {
  let known = new Map<string, ChatRow>()
  return ({ items, hasBefore, firstUnreadSeq }) => {
    const rows: ChatRow[] = []
    const next = new Map<string, ChatRow>()
    const push = (row: ChatRow) => {
      const before = known.get(row.key)
      const stable = before !== undefined && sameRow(before, row) ? before : row
      next.set(stable.key, stable)
      rows.push(stable)
    }
    if (!hasBefore) push({ kind: 'start', key: 'start' })
    const unreadAt = firstUnread({ items, hasBefore, firstUnreadSeq }, me)
    // Days never go back: a message stamped by a slow clock does not repeat an earlier day.
    let lastDay = Number.NEGATIVE_INFINITY
    items.forEach((message, index) => {
      const previous = items[index - 1]
      const following = items[index + 1]
      const { day } = momentOf(message)
      if (day > lastDay) {
        lastDay = day
        push({ kind: 'day', key: `day-${day}`, day })
      }
      if (index === unreadAt) push({ kind: 'unread', key: 'unread' })
      if (message.kind === 'system') {
        push({ kind: 'system', key: message.id, message })
        return
      }
      push({
        kind: 'message',
        key: message.id,
        message,
        mine: message.senderId === me,
        first: index === unreadAt || !together(previous, message),
        last: index + 1 === unreadAt || !together(message, following),
      })
    })
    known = next
    return rows
  }
}

type Moment = { time: number; day: number }

/** Cached, because parsing dates dominates the cost and a message keeps its date. */
const moments = new WeakMap<MessageView, Moment>()

function momentOf(message: MessageView): Moment {
  const known = moments.get(message)
  if (known !== undefined) return known
  const time = Date.parse(message.createdAt)
  const moment = { time, day: startOfDay(time) }
  moments.set(message, moment)
  return moment
}

function together(earlier: MessageView | undefined, later: MessageView | undefined): boolean {
  if (earlier === undefined || later === undefined) return false
  if (earlier.kind === 'system' || later.kind === 'system') return false
  const [first, second] = [momentOf(earlier), momentOf(later)]
  return (
    earlier.senderId === later.senderId && first.day === second.day && second.time - first.time < togetherMs
  )
}

/** Index of the first unread message; -1 if there is none, or it may not be loaded yet. */
function firstUnread({ items, hasBefore, firstUnreadSeq: seq }: History, me: string): number {
  if (seq === null) return -1
  const index = items.findIndex(
    (message) => message.seq !== null && message.seq >= seq && isCounted(message, me),
  )
  const isFurtherUp = hasBefore && (items[0]?.seq ?? seq) > seq
  return isFurtherUp ? -1 : index
}

function sameRow(a: ChatRow, b: ChatRow): boolean {
  if (a.kind === 'message' && b.kind === 'message') {
    return a.message === b.message && a.mine === b.mine && a.first === b.first && a.last === b.last
  }
  if (a.kind === 'system' && b.kind === 'system') return a.message === b.message
  return a.kind === b.kind
}
