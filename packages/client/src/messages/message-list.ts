import { hasAfter, hasBefore } from '../replica/memory.ts'
import type { Replica } from '../replica/replica.ts'
import { touches, type Window } from '../replica/window.ts'
import type { Topics } from '../subscriptions.ts'
import type { MessagesSnapshot } from '../views.ts'
import { firstUnread } from './first-unread.ts'
import type { Anchor, History } from './history.ts'
import { mergeTimeline } from './merge-timeline.ts'
import { entriesOf, type OutboxEntry, type PendingMessage } from './outbox-entry.ts'

export interface MessageListOptions {
  replica: Replica
  history: History
  conversationId: string
  /** The device is caught up: what comes from now on is new, not backlog. */
  isCaughtUp: () => boolean
  publish: () => void
  onError: (error: unknown) => void
}

/** A first screen has this many messages, if there are as many. */
const fewest = 30
/** A list that was not watched for this long gets a new "new messages" line. */
const reopenedAfterMs = 1_000

/** What a screen shows of one conversation's messages, computed when asked for. */
export class MessageList {
  readonly #options: MessageListOptions
  readonly #pendingViews = new WeakMap<OutboxEntry, PendingMessage>()
  #snapshot: MessagesSnapshot | null = null
  #opening: Promise<void> | null = null
  /** The server could not be asked for what is around the first unread message. */
  #openedElsewhere = false
  #loading = 0
  #window: Window | undefined
  #run = 0
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

  /** The first watcher came. */
  watched(): void {
    if (Date.now() - this.#leftAt < reopenedAfterMs) return
    this.#forgetUnread()
    this.#snapshot = null
  }

  left(): void {
    this.#leftAt = Date.now()
  }

  async loadBefore(): Promise<void> {
    const { history, conversationId } = this.#options
    await this.#opening
    await this.#load(() => history.loadBefore(conversationId))
  }

  async loadAfter(): Promise<void> {
    const { history, conversationId } = this.#options
    await this.#opening
    await this.#load(() => history.loadAfter(conversationId))
  }

  /** Shows another part of the conversation. `unread` also sets the "new messages" line anew. */
  async openAt(anchor: Anchor): Promise<void> {
    this.stay()
    await this.#openAt(anchor)
  }

  /** The person scrolled or wrote: what is shown is replaced only on request. */
  stay(): void {
    this.#openedElsewhere = false
  }

  /** Fetches what a first screen lacks after a time without network, or after a reset. */
  async refill(): Promise<void> {
    if (!this.#openedElsewhere) return this.#fillScreen()
    const opened = this.#openAt('unread', () => this.#openedElsewhere)
    await opened.then(
      () => this.stay(),
      () => undefined,
    )
  }

  async #openAt(anchor: Anchor, isWanted?: () => boolean): Promise<void> {
    const { history, conversationId: id } = this.#options
    if (anchor === 'unread') this.#forgetUnread()
    await this.#load(() => history.openAt(id, anchor, isWanted))
    await this.#fillScreen()
  }

  #open(): void {
    const { replica, conversationId: id, onError } = this.#options
    if (this.#opening || replica.memory.windows.has(id) || !replica.memory.conversations.has(id)) return
    this.#forgetUnread()
    this.#opening = this.#whileLoading(() => this.#openFirst()).then(
      () => {
        this.#opening = null
        // The conversation was reset meanwhile: open it again, nothing else will.
        if (!replica.memory.windows.has(id) && replica.memory.conversations.has(id)) this.changed()
      },
      // The store cannot be read, and another try would change nothing.
      onError,
    )
  }

  async #openFirst(): Promise<void> {
    const { replica, history, conversationId: id } = this.#options
    try {
      await history.open(id)
      this.#openedElsewhere = false
    } catch (error) {
      if (!replica.memory.windows.has(id)) throw error
      this.#openedElsewhere = true
    }
    await this.#fillScreen()
  }

  async #fillScreen(): Promise<void> {
    const { replica, history, conversationId: id } = this.#options
    const isShort = () => (replica.memory.windows.get(id)?.length ?? fewest) < fewest
    const load = (work: () => Promise<void>) => this.#whileLoading(work).catch(() => undefined)
    if (isShort() && hasBefore(replica.memory, id)) await load(() => history.loadBefore(id))
    if (isShort() && hasAfter(replica.memory, id)) await load(() => history.loadAfter(id))
  }

  #load(work: () => Promise<void>): Promise<void> {
    const loading = this.#whileLoading(work)
    this.changed()
    return loading
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
    const { replica, history, conversationId: id } = this.#options
    const { memory, me } = replica
    const window = memory.windows.get(id)
    const { lastSeq = 0, me: mine } = memory.conversations.get(id)?.conversation ?? {}
    const isElsewhere = hasAfter(memory, id)
    const isFetchingUnread = window === undefined && this.#loading > 0 && (mine?.unreadCount ?? 0) > 0
    // Waiting messages stand after the newest one, and are hidden while that is not at hand.
    const entries = isElsewhere || isFetchingUnread ? [] : entriesOf(memory.outbox.values(), id)
    return {
      items: mergeTimeline(window ?? [], entries, { me, lastSeq, pendingViews: this.#pendingViews }),
      run: this.#runOf(window),
      hasBefore: hasBefore(memory, id),
      hasAfter: isElsewhere,
      loadingBefore: this.#loading > 0,
      readThrough: history.readThrough(id),
      firstUnreadSeq: this.#latchFirstUnread(),
    }
  }

  /** Rises when the window does not continue the one before. */
  #runOf(window: Window | undefined): number {
    if (window && (!this.#window || !touches(this.#window, window))) this.#run += 1
    this.#window = window
    return this.#run
  }

  #forgetUnread(): void {
    this.#readAtOpen = null
    this.#unreadSettled = false
  }

  /**
   * Set when the list is opened, then fixed while it is read. Only the backlog of an absence may
   * still move it.
   */
  #latchFirstUnread(): number | null {
    const { replica, history, conversationId: id, isCaughtUp } = this.#options
    const stored = replica.memory.conversations.get(id)
    const window = replica.memory.windows.get(id)
    if (!stored || !window || this.#unreadSettled) return this.#firstUnread
    this.#readAtOpen ??= history.readThrough(id)
    this.#firstUnread = firstUnread(stored.conversation, window, {
      me: replica.me,
      upTo: this.#readAtOpen,
    })
    const isLater = this.#firstUnread === null && hasAfter(replica.memory, id)
    this.#unreadSettled = isCaughtUp() && !isLater
    return this.#firstUnread
  }
}

/** The message lists in use, one per conversation. */
export interface MessageLists {
  of(conversationId: string): MessageList
  changed(conversationId: string): void
  /** Fills the lists on screen that came out short while the server did not answer. */
  refill(): void
}

interface MessageListsOptions {
  replica: Replica
  history: History
  topics: Topics
  isCaughtUp: () => boolean
  onError: (error: unknown) => void
}

export function createMessageLists({ topics, ...options }: MessageListsOptions): MessageLists {
  const lists = new Map<string, MessageList>()
  return {
    of(conversationId) {
      const known = lists.get(conversationId)
      if (known) return known
      const publish = () => topics.publish(conversationId)
      const list = new MessageList({ ...options, conversationId, publish })
      lists.set(conversationId, list)
      return list
    },
    changed: (conversationId) => lists.get(conversationId)?.changed(),
    refill() {
      for (const [id, list] of lists) if (topics.of(id).listeners > 0) void list.refill()
    },
  }
}
