import type { Conversation, ConversationEvent, SyncReply } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { ApiProblem } from '../api/problems.ts'
import type { Replica } from '../replica/replica.ts'
import { retry } from '../retry.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Timing } from '../timing.ts'
import { type FollowUp, ingestEvents, ingestLive, ingestSync, type LiveUpdate } from './ingest.ts'
import { ingestConversation } from './ingest-conversation.ts'
import { type SyncPageRequest, syncInPages } from './sync-in-pages.ts'

export interface SyncEngineOptions {
  api: Api
  replica: Replica
  signal: AbortSignal
  timing: Timing
  /** These events are part of the replica now. */
  onApplied: (events: readonly ConversationEvent[]) => void
  /** Ids of the groups that wait for my answer, as a sync listed them. */
  onInvited: (ids: readonly string[]) => Promise<void>
  onError: (error: unknown) => void
}

/**
 * Keeps the replica equal to the server.
 *
 * Promise: when `sync()` resolves, everything that had happened before it is on the device. Gaps,
 * unknown conversations and unknown counts are repaired in the background until the server has
 * answered, or refused for good.
 *
 * Procedure: frames wait in an inbox, and are ingested in batches; while a sync is under way they
 * wait for its reply. Both go through `ingest.ts`, which returns what is left to fetch. Of each
 * kind of fetch one is under way for a conversation, and a call meanwhile shares one more run after
 * it.
 *
 * It never starts to ingest frames while a sync is under way: its reply is about the versions that
 * were asked with. It never retries what the server refused: 410 takes the
 * conversation anew, 404 leads to a sync.
 *
 * Called by `Connection` (sync), the socket's handlers (receive), and the feature APIs (install,
 * remove, refetch).
 */
export class SyncEngine {
  readonly #options: SyncEngineOptions
  readonly #singleFlight = createSingleFlight()
  #inbox: LiveUpdate[] = []
  #syncing = false

  constructor(options: SyncEngineOptions) {
    this.#options = options
  }

  /** A frame of the socket. Those that come while a batch is stored go into the next one. */
  receive(live: LiveUpdate): void {
    this.#inbox.push(live)
    this.#wake()
  }

  /**
   * Asks until there is no more; a call during a sync adds a round. Throws when the server does not
   * answer.
   */
  sync(): Promise<void> {
    return this.#singleFlight('sync', () => this.#syncOnce())
  }

  /** Stores a conversation that a call answered. Resolves when it is part of the replica. */
  async install(fresh: Conversation): Promise<void> {
    const { behind } = await this.#ingest(fresh)
    if (behind) await this.#singleFlight(`repair ${fresh.id}`, () => this.#fillGap(fresh.id))
  }

  /** Forgets a conversation that I left. */
  remove(id: string): Promise<void> {
    const { replica } = this.#options
    return replica.transact((transaction) => transaction.dropConversation(id, replica.me))
  }

  /** Fetches a conversation, to learn its unread count. */
  refetch(id: string): void {
    this.#inBackground(`refetch ${id}`, () =>
      this.#fetchConversation(id).catch((error) => this.#refused(id, error)),
    )
  }

  #wake(): void {
    this.#inBackground('drain', () => this.#drain())
  }

  async #drain(): Promise<void> {
    const { replica, signal } = this.#options
    while (this.#inbox.length > 0 && !this.#syncing && !signal.aborted) {
      const batch = this.#inbox
      this.#inbox = []
      this.#followUp(await replica.transact((transaction) => ingestLive(transaction, batch, replica.me)))
    }
  }

  async #syncOnce(): Promise<void> {
    const { replica, signal } = this.#options
    const { me, memory } = replica
    this.#syncing = true
    try {
      const invited = await syncInPages({
        since: memory.cursor,
        versions: () => versionsOf(memory.conversations.values()),
        ask: (request) => this.#ask(request),
        take: async (reply, asked, cursor) =>
          this.#followUp(
            await replica.transact((transaction) => ingestSync(transaction, { reply, asked, cursor, me })),
          ),
        signal,
      })
      if (invited) this.#inBackground('invitations', () => this.#options.onInvited(invited))
    } finally {
      this.#syncing = false
      this.#wake()
    }
  }

  /** A server that was set up anew does not know cursors of before. */
  async #ask(request: SyncPageRequest): Promise<SyncReply> {
    const { api } = this.#options
    try {
      return await api.sync(request)
    } catch (error) {
      const isForeign = error instanceof ApiProblem && error.status === 400
      if (request.since === undefined || !isForeign) throw error
      return api.sync({ ...request, since: undefined })
    }
  }

  #followUp({ applied, unknown, behind, unreadUnknown }: FollowUp): void {
    if (applied.length > 0) this.#options.onApplied(applied)
    if (unknown.size > 0) this.#inBackground('unknown', () => this.#persistently(() => this.sync()))
    for (const id of behind) this.#repair(id)
    for (const id of unreadUnknown) this.refetch(id)
  }

  #repair(id: string): void {
    const work = () => this.#persistently(() => this.#fillGap(id)).catch((error) => this.#refused(id, error))
    this.#inBackground(`repair ${id}`, work)
  }

  async #fillGap(id: string): Promise<void> {
    const { api, replica, signal, onApplied } = this.#options
    const { me, memory } = replica
    for (let more = true; more && !signal.aborted; ) {
      const version = memory.conversations.get(id)?.conversation.version
      if (version === undefined) return
      const { items, hasMore } = await api.listEvents(id, version)
      const taken = await replica.transact((transaction) => ingestEvents(transaction, items, { id, me }))
      onApplied(taken.applied)
      if (taken.unreadUnknown) this.refetch(id)
      more = hasMore && taken.applied.length > 0
    }
  }

  async #fetchConversation(id: string): Promise<void> {
    const { api } = this.#options
    const fresh = await this.#persistently(() => api.getConversation(id))
    if (!fresh) return
    const { behind } = await this.#ingest(fresh)
    if (!behind) return
    await this.#fillGap(id)
    await this.#ingest(await api.getConversation(id))
  }

  /** The events are no longer kept, or the conversation is no longer mine. */
  async #refused(id: string, error: unknown): Promise<void> {
    if (error instanceof ApiProblem && error.status === 410) {
      const fresh = await this.#persistently(() => this.#options.api.getConversation(id))
      if (fresh) await this.#ingest(fresh, true)
    } else if (error instanceof ApiProblem && error.status === 404) {
      await this.#persistently(() => this.sync())
    } else {
      throw error
    }
  }

  #ingest(fresh: Conversation, reset = false) {
    const { replica } = this.#options
    return replica.transact((transaction) =>
      ingestConversation(transaction, { fresh, me: replica.me, reset }),
    )
  }

  #persistently<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { signal, timing } = this.#options
    return retry(work, { signal, timing: { ...timing, retryMaxMs: timing.repairMaxMs } })
  }

  #inBackground(name: string, work: () => Promise<unknown>): void {
    const { signal, onError } = this.#options
    this.#singleFlight(name, work).catch((error: unknown) => {
      if (!signal.aborted) onError(error)
    })
  }
}

function versionsOf(stored: Iterable<{ conversation: Conversation }>): Record<string, number> {
  const versions: Record<string, number> = {}
  for (const { conversation } of stored) versions[conversation.id] = conversation.version
  return versions
}
