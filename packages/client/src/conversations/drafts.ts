import { messagesApi, newId, storable } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { isRefusal } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import { type Superseded, supersededKey } from '../replica/memory.ts'
import type { Replica } from '../replica/replica.ts'
import { createSingleFlight } from '../single-flight.ts'
import { ingestMe } from '../sync/ingest-conversation.ts'
import type { Timing } from '../timing.ts'
import { type Clock, createDraftAges, type DraftAges } from './draft-age.ts'

export interface DraftsOptions {
  replica: Replica
  api: Api
  signal: AbortSignal
  timing: Timing
  clock: Clock
  onError: (error: unknown) => void
}

const deviceKey = 'draftDevice'

/**
 * Drafts: stored at every key, uploaded once typing rests, so that other devices have them. The
 * upload carries the draft's age, and the server keeps the newest of all devices.
 */
export class Drafts {
  readonly #options: DraftsOptions
  readonly #singleFlight = createSingleFlight()
  readonly #uploading = new Set<string>()
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #ages: DraftAges
  #device: Promise<string> | undefined

  constructor(options: DraftsOptions) {
    this.#options = options
    this.#ages = createDraftAges(options.clock)
    options.signal.addEventListener('abort', () => {
      for (const timer of this.#timers.values()) clearTimeout(timer)
    })
  }

  /** `before`: the field's text until now; if it was superseded, this text replaces it. */
  write(id: string, text: string, before?: string): Promise<void> {
    const { replica, timing } = this.#options
    if (before !== undefined) void this.#dropSuperseded(id, before)
    const stored = replica.memory.conversations.get(id)?.conversation.me.draft ?? ''
    // A text that the server has, or is about to have, is not stored beside it.
    const isStored = text === stored && !this.#uploading.has(id)
    const draft = this.#ages.typedNow(text)
    this.#schedule(id, timing.draftMs)
    return replica.changeNow(
      { conversations: new Set([id]), messages: new Set() },
      ({ drafts }) => (isStored ? drafts.delete(id) : drafts.set(id, draft)),
      (transaction) => (isStored ? transaction.deleteDraft(id) : transaction.putDraft(id, draft)),
    )
  }

  /** Compares as stored: the server removes characters that it cannot store. */
  async clear(id: string, typed: string): Promise<void> {
    const forgotten = this.#dropSuperseded(id, typed)
    const { drafts, conversations } = this.#options.replica.memory
    const kept = drafts.get(id)?.text ?? conversations.get(id)?.conversation.me.draft ?? ''
    if (storable(kept) === storable(typed)) await this.write(id, '')
    await forgotten
  }

  /**
   * Keeps a typed text as superseded, unless the present draft begins with it. It stays until it is
   * discarded.
   */
  async keepSuperseded(id: string, typed: string): Promise<void> {
    const { drafts, conversations, superseded } = this.#options.replica.memory
    const stored = conversations.get(id)
    const draft = drafts.get(id)?.text ?? stored?.conversation.me.draft ?? ''
    const texts = superseded.get(id) ?? []
    if (!stored || typed.trim() === '' || texts.includes(typed)) return
    if (!storable(draft).startsWith(storable(typed))) await this.#supersede(id, [...texts, typed])
  }

  discardSuperseded(id: string): Promise<void> {
    return this.#supersede(id, [])
  }

  async #dropSuperseded(id: string, typed: string): Promise<void> {
    const texts = this.#options.replica.memory.superseded.get(id) ?? []
    const others = texts.filter((text) => text !== typed)
    if (others.length < texts.length) await this.#supersede(id, others)
  }

  #supersede(id: string, texts: readonly string[]): Promise<void> {
    return this.#options.replica.changeNow(
      { conversations: new Set([id]), messages: new Set() },
      ({ superseded }) => (texts.length === 0 ? superseded.delete(id) : superseded.set(id, texts)),
      (transaction) => {
        const kept: Superseded | undefined = texts.length === 0 ? undefined : { conversationId: id, texts }
        transaction.putMeta(supersededKey(id), kept)
      },
    )
  }

  /** The server may be reachable now: sends what it does not have yet. */
  flush(): void {
    for (const id of this.#options.replica.memory.drafts.keys()) this.#schedule(id, 0)
  }

  #schedule(id: string, ms: number): void {
    clearTimeout(this.#timers.get(id))
    const upload = () => {
      this.#timers.delete(id)
      this.#singleFlight(id, () => this.#upload(id)).catch(this.#options.onError)
    }
    if (!this.#options.signal.aborted) this.#timers.set(id, setTimeout(upload, ms))
  }

  async #upload(id: string): Promise<void> {
    const { api, replica, timing, signal } = this.#options
    if (signal.aborted || !replica.memory.drafts.has(id)) return
    this.#uploading.add(id)
    try {
      this.#device ??= readDevice(replica).catch(newId)
      const draftDevice = await this.#device
      const draft = replica.memory.drafts.get(id)
      if (!draft) return
      const { text } = draft
      const body = { draft: text === '' ? null : text, draftAgeMs: this.#ages.ageOf(draft), draftDevice }
      let isNewest = false
      const fresh = await api.call(messagesApi.updateConversationMe, { params: { conversationId: id }, body })
      await replica.transact(async (transaction) => {
        isNewest = replica.memory.drafts.get(id)?.text === text
        if (isNewest) transaction.deleteDraft(id)
        await ingestMe(transaction, { conversationId: id, fresh, me: replica.me, countsFit: false })
      })
      if (isNewest) await this.keepSuperseded(id, text)
    } catch (error) {
      if (signal.aborted) return
      // What the server refuses, such as a text that is too long, stays on this device. A text
      // typed meanwhile has its own timer.
      if (!isRefusal(error) && !this.#timers.has(id))
        this.#schedule(id, backoffMs(0, { baseMs: timing.retryMaxMs, maxMs: timing.retryMaxMs }))
    } finally {
      this.#uploading.delete(id)
    }
  }
}

/** The id of this device among those of its person; the same after a restart. */
const readDevice = (replica: Replica): Promise<string> =>
  replica.transact(async (transaction, database) => {
    const known = await database.get('meta', deviceKey)
    if (typeof known === 'string') return known
    const made = newId()
    transaction.putMeta(deviceKey, made)
    return made
  })
