import type { MessagesSnapshot } from '../client.ts'
import { entriesOf } from '../outbox/entries-of.ts'
import type { OutboxEntry } from '../outbox/outbox-entry.ts'
import type { PendingMessage } from '../outbox/pending-message.ts'
import type { Replica } from '../replica/replica.ts'
import { readUpTo } from '../sync/count-unread.ts'
import { composeItems } from './compose-items.ts'
import type { History } from './create-history.ts'
import { firstUnread } from './first-unread.ts'
import { hasBefore } from './has-before.ts'

export interface MessageListOptions {
  replica: Replica
  history: History
  conversationId: string
  /** All that was missed is here: what comes from now on is news, not backlog. */
  isCaughtUp: () => boolean
  publish: () => void
  onError: (error: unknown) => void
}

/** A chat is not shown with fewer messages than this while there are more. */
const fewest = 30
/** A list that nobody watched for this long is opened anew, as far as the "new messages" line goes. */
const reopenedAfterMs = 1_000

/** What a screen shows of one conversation's messages, computed when asked for. */
export class MessageList {
  readonly #options: MessageListOptions
  readonly #pendingViews = new WeakMap<OutboxEntry, PendingMessage>()
  #snapshot: MessagesSnapshot | null = null
  #opening: Promise<void> | null = null
  #loading = 0
  #readAtOpen: number | null = null
  #firstUnread: number | null = null
  #unreadSettled = false
  #leftAt = 0

  constructor(options: MessageListOptions) {
    this.#options = options
  }

  snapshot(): MessagesSnapshot {
    this.#open()
    this.#snapshot ??= this.#compose()
    return this.#snapshot
  }

  changed(): void {
    this.#snapshot = null
    this.#options.publish()
  }

  /** Someone begins to watch after nobody did. */
  watched(): void {
    if (Date.now() - this.#leftAt < reopenedAfterMs) return
    this.#readAtOpen = null
    this.#unreadSettled = false
    this.#snapshot = null
  }

  left(): void {
    this.#leftAt = Date.now()
  }

  loadBefore(): Promise<void> {
    const { history, conversationId } = this.#options
    const loading = this.#whileLoading(() => history.loadBefore(conversationId))
    this.changed()
    return loading
  }

  /** Fetches what a first screen lacks: after a time without network, or when all had to be taken anew. */
  async refill(): Promise<void> {
    const { replica, history, conversationId: id } = this.#options
    const { length } = replica.memory.windows.get(id) ?? []
    if (length >= fewest || !hasBefore(replica.memory, id)) return
    await this.#whileLoading(() => history.loadBefore(id)).catch(() => undefined)
  }

  #open(): void {
    const { replica, conversationId: id, onError } = this.#options
    if (this.#opening || replica.memory.windows.has(id) || !replica.memory.conversations.has(id)) return
    this.#opening = this.#whileLoading(() => this.#fillScreen()).then(
      () => {
        this.#opening = null
      },
      // Left as it is: the device cannot be read, and asking again would change nothing.
      onError,
    )
  }

  async #fillScreen(): Promise<void> {
    const { history, conversationId: id } = this.#options
    await history.open(id)
    await this.refill()
  }

  async #whileLoading(work: () => Promise<void>): Promise<void> {
    this.#loading += 1
    this.#snapshot = null
    try {
      await work()
    } finally {
      this.#loading -= 1
      this.changed()
    }
  }

  #compose(): MessagesSnapshot {
    const { replica, conversationId: id } = this.#options
    const { memory, me } = replica
    const window = memory.windows.get(id) ?? []
    const lastSeq = memory.conversations.get(id)?.conversation.lastSeq ?? 0
    const entries = entriesOf(memory.outbox.values(), id)
    return {
      items: composeItems(window, entries, { me, lastSeq, pendingViews: this.#pendingViews }),
      hasBefore: hasBefore(memory, id),
      loadingBefore: this.#loading > 0,
      firstUnreadSeq: this.#latchFirstUnread(),
    }
  }

  /** Set when the list is opened, and left alone while it is read; only the backlog of an absence may still move it. */
  #latchFirstUnread(): number | null {
    const { replica, conversationId: id, isCaughtUp } = this.#options
    const stored = replica.memory.conversations.get(id)
    const window = replica.memory.windows.get(id)
    if (!stored || !window || this.#unreadSettled) return this.#firstUnread
    this.#readAtOpen ??= readUpTo(stored.conversation.me)
    this.#firstUnread = firstUnread(stored.conversation, window, {
      me: replica.me,
      upTo: this.#readAtOpen,
    })
    this.#unreadSettled = isCaughtUp()
    return this.#firstUnread
  }
}
