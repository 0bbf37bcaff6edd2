import { messagesApi } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import { isRefusal } from '../api/problems.ts'
import { backoffMs } from '../backoff.ts'
import type { Replica } from '../replica/replica.ts'
import { createSingleFlight } from '../sync/single-flight.ts'
import { takeMine } from '../sync/take-mine.ts'
import type { Timing } from '../timing.ts'

export interface DraftsOptions {
  replica: Replica
  api: Api
  signal: AbortSignal
  timing: Timing
  onError: (error: unknown) => void
}

/** What was typed and not sent: kept here at every key, told once it rests, so that my other devices have it too. */
export class Drafts {
  readonly #options: DraftsOptions
  readonly #single = createSingleFlight()
  readonly #telling = new Set<string>()
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(options: DraftsOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => {
      for (const timer of this.#resting.values()) clearTimeout(timer)
    })
  }

  write(id: string, text: string): Promise<void> {
    const { replica, timing } = this.#options
    const told = replica.memory.conversations.get(id)?.conversation.me.draft ?? ''
    // What the server has already, or is about to have, is not kept beside it.
    const isTold = text === told && !this.#telling.has(id)
    this.#wait(id, timing.draftMs)
    return replica.changeNow(
      { conversations: new Set([id]), messages: new Set() },
      ({ drafts }) => (isTold ? drafts.delete(id) : drafts.set(id, text)),
      (transaction) => (isTold ? transaction.deleteDraft(id) : transaction.putDraft(id, text)),
    )
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
    const text = replica.memory.drafts.get(id)
    if (text === undefined || signal.aborted) return
    this.#telling.add(id)
    try {
      const body = { draft: text === '' ? null : text }
      const fresh = await api.call(messagesApi.updateConversationMe, { params: { conversationId: id }, body })
      await replica.transact(async (transaction) => {
        if (replica.memory.drafts.get(id) === text) transaction.deleteDraft(id)
        await takeMine(transaction, { conversationId: id, fresh, me: replica.me, countsFit: false })
      })
    } catch (error) {
      if (signal.aborted) return
      // What the server does not take, such as a text that is too long, stays on this device.
      if (!isRefusal(error))
        this.#wait(id, backoffMs(0, { baseMs: timing.retryMaxMs, maxMs: timing.retryMaxMs }))
    } finally {
      this.#telling.delete(id)
    }
  }
}
