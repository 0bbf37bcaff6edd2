import { fullJitter } from '@finnigram/admission'
import type { Redis } from 'ioredis'
import { pause } from '../lifecycle/wait.ts'
import type { ParkedStore } from '../parked/parked.ts'
import { becomesReady, blockMs, type RedisLink } from '../redis/open-redis.ts'
import {
  countAsRead,
  forgetConsumers,
  type GroupNames,
  inspectGroup,
  planGroup,
  readGroup,
  reclaim,
  setBack,
} from './consumer-group.ts'
import {
  createEntryHandler,
  type EntryHandler,
  type EntryHandlerOptions,
  type EventSchemas,
} from './handle-entries.ts'
import { parkedEvents } from './parked-events.ts'

/**
 * Bus consumer: reads event streams as one member of a consumer group.
 *
 * Promise: every entry is handled at least once by one node of the group, in order per stream while
 * nothing fails. Nothing is skipped in silence: entries that were trimmed unread call `onReset`.
 *
 * Procedure, in a loop until disposed:
 *   1. Prepare, after each connection: compare the group with the streams, create it where it is
 *      missing, and finish what this consumer had begun (its pending entries).
 *   2. Take over what dead consumers hold (XAUTOCLAIM), and delete consumers of old nodes.
 *   3. Read up to 100 new entries of each stream, handle them, acknowledge them together.
 *
 * Any failure goes back to step 1 with backoff, so an outage of Redis is waited out.
 *
 * An entry whose handler keeps failing is parked on `<stream>:parked` with its error. Deliveries
 * are counted by Redis before the handler runs: an entry that kills its consumers is parked as
 * well.
 *
 * It never drops an entry of a type it knows, never acknowledges before the handler is done, and
 * never counts an outage as a failure of the entry. Disposing finishes the entries under way.
 *
 * The messages service follows users by it. Where every node needs every entry, see
 * `tail-streams.ts`.
 */
export interface Consumer extends AsyncDisposable {
  /** Resolves when the group exists, `onReset` is through, and reading has begun. */
  readonly ready: Promise<void>
  /** What this group has parked on its streams; a retry calls the handler once more. */
  readonly parked: ParkedStore
}

/** `group` is shared by all nodes that divide the work, `consumer` names this node. */
export interface ConsumerOptions<S extends EventSchemas> extends EntryHandlerOptions<S> {
  redis: RedisLink
  /**
   * Called before the first read when there is no group (a new service, or a Redis that lost all),
   * and when entries were trimmed unread: what came earlier must be fetched from its source.
   * Reading begins where the streams ended when it was called, once it has resolved. Without it, a
   * new group reads all that the streams still hold.
   */
  onReset?: (reason: 'new' | 'trimmed', signal: AbortSignal) => Promise<void>
  /** Idle time after which another consumer's entry is taken over; 60,000 ms when not said. */
  reclaimAfterMs?: number
}

/** Entries of a stream that one read takes; all of them are acknowledged together. */
const readAtMost = 100

export function createConsumer<S extends EventSchemas>(options: ConsumerOptions<S>): Consumer {
  return new GroupConsumer(options)
}

class GroupConsumer<S extends EventSchemas> implements Consumer {
  readonly #options: ConsumerOptions<S>
  readonly #names: GroupNames
  readonly #redis: Redis
  readonly #reader: Redis
  readonly #ending = new AbortController()
  readonly #begun = Promise.withResolvers<void>()
  readonly #entries: EntryHandler
  readonly #running: Promise<void>
  readonly ready = this.#begun.promise
  readonly #reclaimAfterMs: number
  readonly #blockMs: number
  readonly #replacement: Disposable
  readonly parked: ParkedStore
  #isPrepared = false
  #reclaimedAt = 0

  constructor(options: ConsumerOptions<S>) {
    const { reclaimAfterMs = 60_000, group, streams } = options
    this.#options = options
    this.#reclaimAfterMs = reclaimAfterMs
    this.#blockMs = Math.min(blockMs, Math.ceil(reclaimAfterMs / 4))
    this.#names = options
    this.#redis = options.redis.commands
    this.#reader = options.redis.openBlocking()
    this.#reader.on('close', () => {
      this.#isPrepared = false
    })
    this.#replacement = options.redis.server.onReplaced(() => {
      this.#isPrepared = false
    })
    const entries = createEntryHandler(options, { redis: this.#redis, signal: this.#ending.signal })
    this.#entries = entries
    this.parked = parkedEvents(this.#redis, { group, streams, handle: entries.handleOnce })
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#replacement[Symbol.dispose]()
    this.#reader.disconnect()
    await this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#ending.signal.aborted) {
      try {
        if (!this.#isPrepared) await this.#prepare()
        await this.#reclaimSometimes()
        const from = { from: '>', count: readAtMost, blockMs: this.#blockMs } as const
        await this.#entries.handle(await readGroup(this.#reader, this.#names, from))
        failures = 0
      } catch (error) {
        if (this.#ending.signal.aborted) return
        this.#isPrepared = false
        failures += 1
        const { redis, log, group } = this.#options
        if (failures === 1 && redis.isUp) log.warn('Consuming streams failed', { group, error })
        await pause(20 + fullJitter(failures, { maxMs: 2000 }), this.#ending.signal)
      }
    }
  }

  async #prepare(): Promise<void> {
    if (!(await becomesReady(this.#reader, blockMs, this.#ending.signal)))
      throw new Error('There is no connection to Redis')
    await this.#positionGroup()
    this.#isPrepared = true
    for (;;) {
      const pending = await readGroup(this.#reader, this.#names, { from: '0', count: readAtMost })
      if (pending.length === 0) break
      await this.#entries.handleAgain(pending)
      this.#ending.signal.throwIfAborted()
    }
    this.#begun.resolve()
  }

  async #positionGroup(): Promise<void> {
    const { onReset, log, group } = this.#options
    const { missing, trimmed, ahead } = await inspectGroup(this.#redis, this.#names)
    await setBack(this.#redis, this.#names, ahead)
    if (missing.length === 0 && trimmed.length === 0) return
    const create = await planGroup(this.#redis, this.#names, missing, onReset ? 'now' : '0')
    log.info('A consumer group begins anew', { group, missing, trimmed: trimmed.map(({ stream }) => stream) })
    await onReset?.(missing.length > 0 ? 'new' : 'trimmed', this.#ending.signal)
    await create()
    await countAsRead(this.#redis, this.#names, trimmed)
  }

  async #reclaimSometimes(): Promise<void> {
    if (performance.now() - this.#reclaimedAt < this.#reclaimAfterMs / 4) return
    this.#reclaimedAt = performance.now()
    await this.#entries.handleAgain(await reclaim(this.#redis, this.#names, this.#reclaimAfterMs))
    await forgetConsumers(this.#redis, this.#names)
  }
}
