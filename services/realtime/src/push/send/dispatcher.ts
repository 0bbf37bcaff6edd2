import { serviceOf, type TakenJob } from '../push-job.ts'
import { type SettleDeps, sendJobs } from './send-jobs.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** Dispatches jobs on this node, and tracks those in flight. */
export interface Dispatcher {
  /** Jobs it can still take. */
  readonly capacity: number
  /**
   * Starts jobs; those of one device and conversation in order. A job whose push service has no
   * slot is postponed.
   */
  dispatch(taken: readonly TakenJob[]): void
  /** Resolves when a slot is free. */
  slotFreed(): Promise<unknown>
  /** Resolves when no job is in flight. */
  drained(): Promise<unknown>
}

interface DispatcherOptions {
  webPush: WebPushSender
  /** Most jobs in flight. */
  maxInFlight?: number
  /**
   * Most of them for one push service, so that a slow one leaves slots to the others (bulkhead).
   */
  perService?: number
}

/** Delay of a job without a slot, in milliseconds, and up to as long again. */
const putOffMs = 250

export function createDispatcher(
  deps: SettleDeps,
  { webPush, maxInFlight = 400, perService = 200 }: DispatcherOptions,
): Dispatcher {
  const inFlight = createInFlightTracker()
  const underWay = new Set<Promise<unknown>>()
  const follow = (doing: Promise<unknown>) => {
    const followed = doing
      .catch((error) => deps.ctx.log.debug('Notifications stay on the queue', { error }))
      .finally(() => underWay.delete(followed))
    underWay.add(followed)
  }
  const begin = (jobs: readonly TakenJob[], before: Promise<unknown>) =>
    follow(
      before
        .then(() => sendJobs(deps, { jobs, webPush, ended: inFlight.end }))
        .finally(() => jobs.forEach(inFlight.end)),
    )
  return {
    get capacity() {
      return Math.max(0, maxInFlight - inFlight.count())
    },
    dispatch(taken) {
      const ready: TakenJob[] = []
      // A slow job may be taken over by the very node that works on it.
      for (const one of taken.filter(({ entryId }) => !inFlight.has(entryId))) {
        if (!one.job.testId && inFlight.countOf(serviceOf(one.job.target)) >= perService) {
          follow(deps.ctx.queue.postpone(one, putOffMs * (1 + Math.random())))
          continue
        }
        const before = inFlight.begin(one)
        if (before) begin([one], before)
        else ready.push(one)
      }
      if (ready.length > 0) begin(ready, Promise.resolve())
    },
    slotFreed: inFlight.slotFreed,
    drained: () => Promise.all(underWay),
  }
}

const orderKeyOf = ({ job }: TakenJob) => job.testId ?? `${job.targetKey} ${job.payload.conversationId}`

/** Tracks jobs in flight. Each ends by itself: a slow one holds nothing but its own slot. */
function createInFlightTracker() {
  const entries = new Map<string, { ended: Promise<void>; resolve: () => void }>()
  const lastOf = new Map<string, Promise<void>>()
  const services = new Map<string, number>()
  const add = (service: string, change: number) => {
    const count = (services.get(service) ?? 0) + change
    if (count > 0) services.set(service, count)
    else services.delete(service)
  }
  return {
    has: (entryId: string) => entries.has(entryId),
    count: () => entries.size,
    countOf: (service: string) => services.get(service) ?? 0,
    slotFreed: () => Promise.race([...entries.values()].map(({ ended }) => ended)),
    /** Returns the end of the job that must come before, if any. */
    begin(taken: TakenJob): Promise<void> | undefined {
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      const before = lastOf.get(orderKeyOf(taken))
      entries.set(taken.entryId, { ended, resolve })
      lastOf.set(orderKeyOf(taken), ended)
      add(serviceOf(taken.job.target), 1)
      return before
    },
    end(taken: TakenJob): void {
      const entry = entries.get(taken.entryId)
      if (!entry) return
      entries.delete(taken.entryId)
      if (lastOf.get(orderKeyOf(taken)) === entry.ended) lastOf.delete(orderKeyOf(taken))
      add(serviceOf(taken.job.target), -1)
      entry.resolve()
    },
  }
}
