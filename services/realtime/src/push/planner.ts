import { streamNames } from '@finnigram/contracts'
import {
  AppError,
  forgetConsumers,
  fullJitter,
  type GroupNames,
  inspectGroup,
  isOvertime,
  pause,
  planGroup,
  readGroup,
  reclaim,
  type StreamEntry,
  setBack,
  within,
} from '@finnigram/service-kit'
import type { WithLog, WithPushConfig, WithRedis } from './deps.ts'
import { groupDueMessages, type PendingMessage, toNewMessages, toPendingMessage } from './due-messages.ts'
import { parkMessage, pushGroup, readSeq } from './message-entries.ts'
import { type PlanDeps, planNotifications } from './plan-notifications.ts'
import type { WithPushMetrics } from './push-metrics.ts'

/** Entries of each stream that one read takes. */
const readAtMost = 500
/** Most messages pending in this process; the others wait in Redis. */
const mostPending = 20_000
/** Entries held for so much longer than the delay belong to a dead node. */
const goneAfterMs = 10_000
const acknowledgedAtOnce = 1000
/** Timeouts in a row before a plan is split. */
const mostOvertimes = 4
/** How long a plan may take to finish when the node stops, in milliseconds. */
const drainMs = 4000

type PlannerDeps = PlanDeps & WithLog & WithPushConfig & WithPushMetrics & WithRedis

/**
 * Reads new messages in one consumer group of all nodes, waits until each is due, and plans its
 * notifications. An entry is acknowledged once its jobs are queued, so other nodes take over what a
 * dead node held. Disposing finishes the current plan.
 */
export function startPlanner(ctx: PlannerDeps): AsyncDisposable {
  const planner = new Planner(ctx)
  return { [Symbol.asyncDispose]: () => planner.stop() }
}

class Planner {
  readonly #ctx: PlannerDeps
  readonly #names: GroupNames
  readonly #delayMs: number
  readonly #ending = new AbortController()
  readonly #running: Promise<void>
  readonly #replacement: Disposable
  #pending: PendingMessage[] = []
  #overtimes = 0
  #isPrepared = false
  #wasPrepared = false
  #reclaimedAt = 0

  constructor(ctx: PlannerDeps) {
    this.#ctx = ctx
    this.#delayMs = ctx.config.PUSH_DELAY_MS
    this.#names = { group: pushGroup, consumer: ctx.config.NODE_ID, streams: streamNames('messages') }
    this.#replacement = ctx.redis.server.onReplaced(() => {
      this.#isPrepared = false
    })
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    this.#replacement[Symbol.dispose]()
    await within(drainMs, this.#running)
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    const tickMs = tickOf(this.#ctx.config)
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#step()
        failures = 0
        await pause(tickMs, signal)
      } catch (error) {
        // Pending entries are read again from Redis: other nodes may have taken some over.
        this.#isPrepared = false
        failures += 1
        if (failures === 1 && !signal.aborted)
          this.#ctx.log.warn('Notifications cannot be planned, they wait', { error })
        await pause(tickMs + fullJitter(failures, { maxMs: 3000 }), signal)
      }
    }
  }

  async #step(): Promise<void> {
    if (!this.#isPrepared) await this.#prepare()
    await this.#reclaimSometimes()
    await this.#readNew()
    await this.#planDue()
    this.#ctx.metrics.planned.set(this.#pending.length)
  }

  /** A new group starts now; one that Redis lost starts at the beginning of the streams. */
  async #prepare(): Promise<void> {
    const { commands } = this.#ctx.redis
    const { missing, ahead } = await inspectGroup(commands, this.#names)
    await setBack(commands, this.#names, ahead)
    if (missing.length > 0) {
      const create = await planGroup(commands, this.#names, missing, this.#wasPrepared ? '0' : 'now')
      await create()
    }
    await forgetConsumers(commands, this.#names)
    this.#pending = []
    await this.#readOwn()
    this.#isPrepared = true
    this.#wasPrepared = true
  }

  /** Entries that this node was given before and has not acknowledged. */
  async #readOwn(): Promise<void> {
    const from = new Map(this.#names.streams.map((stream) => [stream, '0']))
    for (;;) {
      const entries = await this.#read((stream) => from.get(stream) ?? '0')
      if (entries.length === 0) return
      for (const { stream, id } of entries) from.set(stream, id)
      await this.#keep(entries)
    }
  }

  async #readNew(): Promise<void> {
    while (this.#pending.length < mostPending) {
      const entries = await this.#read('>')
      await this.#keep(entries)
      // No stream had more. Reading until none is left would leave no time to plan under load.
      if (entries.length < readAtMost) return
    }
  }

  #read(from: '>' | ((stream: string) => string)): Promise<StreamEntry[]> {
    return readGroup(this.#ctx.redis.commands, this.#names, { from, count: readAtMost })
  }

  async #reclaimSometimes(): Promise<void> {
    if (performance.now() - this.#reclaimedAt < goneAfterMs / 4) return
    this.#reclaimedAt = performance.now()
    const { commands } = this.#ctx.redis
    await this.#keep(await reclaim(commands, this.#names, this.#delayMs + goneAfterMs))
  }

  /**
   * Keeps messages until they are due, parks those that cannot be read, and acknowledges other
   * entries.
   */
  async #keep(entries: StreamEntry[]): Promise<void> {
    const others: StreamEntry[] = []
    for (const entry of entries) {
      const seq = entry.type === 'message.created' ? readSeq(entry.payload) : undefined
      if (seq !== undefined) this.#pending.push(toPendingMessage(entry, seq))
      else others.push(entry)
      if (seq === undefined && entry.type === 'message.created') await parkMessage(this.#ctx, entry)
    }
    await this.#acknowledge(others)
  }

  async #planDue(): Promise<void> {
    const first = this.#pending[0]
    if (!first) return
    const [seconds = 0, microseconds = 0] = (await this.#ctx.redis.commands.time()).map(Number)
    const dueAt = seconds * 1000 + microseconds / 1000 - this.#delayMs
    const due = this.#pending.filter(({ at }) => at <= dueAt)
    for (const [i, part] of groupDueMessages(due).entries()) {
      // The current plan is finished; the rest is for other nodes.
      if (i > 0) this.#ending.signal.throwIfAborted()
      await this.#plan(part)
      const done = new Set(part.flat())
      await this.#acknowledge([...done])
      this.#pending = this.#pending.filter((message) => !done.has(message))
    }
  }

  /**
   * A plan that fails by its own fault must not block the rest: it is split, and a single run is
   * then given up. A timeout is retried first, and counts as such a fault after a few in a row.
   */
  async #plan(part: PendingMessage[][]): Promise<void> {
    try {
      await planNotifications(this.#ctx, part.map(toNewMessages))
      this.#overtimes = 0
    } catch (error) {
      if (isOvertime(error)) this.#overtimes += 1
      if (!isOwnFault(error) && this.#overtimes < mostOvertimes) throw error
      if (part.length > 1) {
        for (const one of part) await this.#plan([one])
        return
      }
      this.#overtimes = 0
      this.#ctx.metrics.unplanned.inc()
      this.#ctx.log.error('A notification could not be planned', { error })
    }
  }

  async #acknowledge(entries: readonly { stream: string; id: string }[]): Promise<void> {
    const acknowledging = [...Map.groupBy(entries, ({ stream }) => stream)].flatMap(([stream, own]) => {
      const calls: Promise<number>[] = []
      for (let i = 0; i < own.length; i += acknowledgedAtOnce) {
        const ids = own.slice(i, i + acknowledgedAtOnce).map(({ id }) => id)
        calls.push(this.#ctx.redis.commands.xack(stream, this.#names.group, ...ids))
      }
      return calls
    })
    await Promise.all(acknowledging)
  }
}

/** Whether a retry would fail again; other errors are waited out. */
const isOwnFault = (error: unknown) =>
  error instanceof AppError
    ? error.code !== 'unavailable' && error.code !== 'rate_limited'
    : error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError

/**
 * Milliseconds between two rounds of planning and of writing acknowledgements: 1,000, or less for a
 * short delay.
 */
export const tickOf = ({ PUSH_DELAY_MS }: { PUSH_DELAY_MS: number }): number =>
  Math.min(1000, Math.max(50, PUSH_DELAY_MS / 4))
