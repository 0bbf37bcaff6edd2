import { messagesApi, newId, storable } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { isRefusal } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { Replica } from '../replica/replica.ts'
import { createSingleFlight } from '../sync/single-flight.ts'
import { takeMine } from '../sync/take-mine.ts'
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

/** What was typed and not sent: kept here at every key, told once it rests, so that my other devices have it too. The server is told how long ago it was typed, and keeps the newest of all devices. */
export class Drafts {
  readonly #options: DraftsOptions
  readonly #single = createSingleFlight()
  readonly #telling = new Set<string>()
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #ages: DraftAges
  #device: Promise<string> | undefined

  constructor(options: DraftsOptions) {
    this.#options = options
    this.#ages = createDraftAges(options.clock)
    options.signal.addEventListener('abort', () => {
      for (const timer of this.#resting.values()) clearTimeout(timer)
    })
  }

  write(id: string, text: string): Promise<void> {
    const { replica, timing } = this.#options
    const told = replica.memory.conversations.get(id)?.conversation.me.draft ?? ''
    // What the server has already, or is about to have, is not kept beside it.
    const isTold = text === told && !this.#telling.has(id)
    const draft = this.#ages.typedNow(text)
    this.#wait(id, timing.draftMs)
    return replica.changeNow(
      { conversations: new Set([id]), messages: new Set() },
      ({ drafts }) => (isTold ? drafts.delete(id) : drafts.set(id, draft)),
      (transaction) => (isTold ? transaction.deleteDraft(id) : transaction.putDraft(id, draft)),
    )
  }

  /** The server may have taken characters out of what was typed. */
  async clear(id: string, typed: string): Promise<void> {
    const { drafts, conversations } = this.#options.replica.memory
    const kept = drafts.get(id)?.text ?? conversations.get(id)?.conversation.me.draft ?? ''
    if (storable(kept) === storable(typed)) await this.write(id, '')
  }

  /** The server may be reachable now: tells what it was not told. */
  flush(): void {
    for (const id of this.#options.replica.memory.drafts.keys()) this.#wait(id, 0)
  }

  #wait(id: string, ms: number): void {
    clearTimeout(this.#resting.get(id))
    const tell = () => {
      this.#resting.delete(id)
      this.#single(id, () => this.#tell(id)).catch(this.#options.onError)
    }
    if (!this.#options.signal.aborted) this.#resting.set(id, setTimeout(tell, ms))
  }

  async #tell(id: string): Promise<void> {
    const { api, replica, timing, signal } = this.#options
    if (signal.aborted || !replica.memory.drafts.has(id)) return
    this.#telling.add(id)
    try {
      this.#device ??= readDevice(replica).catch(newId)
      const draftDevice = await this.#device
      const draft = replica.memory.drafts.get(id)
      if (!draft) return
      const { text } = draft
      const body = { draft: text === '' ? null : text, draftAgeMs: this.#ages.ageOf(draft), draftDevice }
      const fresh = await api.call(messagesApi.updateConversationMe, { params: { conversationId: id }, body })
      await replica.transact(async (transaction) => {
        if (replica.memory.drafts.get(id)?.text === text) transaction.deleteDraft(id)
        await takeMine(transaction, { conversationId: id, fresh, me: replica.me, countsFit: false })
      })
    } catch (error) {
      if (signal.aborted) return
      // What the server does not take, such as a text that is too long, stays on this device.
      // What was typed meanwhile is told sooner.
      if (!isRefusal(error) && !this.#resting.has(id))
        this.#wait(id, backoffMs(0, { baseMs: timing.retryMaxMs, maxMs: timing.retryMaxMs }))
    } finally {
      this.#telling.delete(id)
    }
  }
}

/** Names this device among those of its person: the same after a restart. */
const readDevice = (replica: Replica): Promise<string> =>
  replica.transact(async (transaction, database) => {
    const known = await database.get('meta', deviceKey)
    if (typeof known === 'string') return known
    const made = newId()
    transaction.putMeta(deviceKey, made)
    return made
  })
