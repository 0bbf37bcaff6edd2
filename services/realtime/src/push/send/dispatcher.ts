import type { TakenJob } from '../push-job.ts'
import { serviceOf } from '../push-job.ts'
import type { SettleDeps } from './send-jobs.ts'
import { sendJobs } from './send-jobs.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** What is under way on this node. */
export interface Dispatcher {
  /** Jobs it may still take up. */
  readonly capacity: number
  /** Begins to work on jobs; those of one device and conversation one after the other, in order. What a push service has no place for is put off. */
  dispatch(taken: readonly TakenJob[]): void
  /** Resolves when a place has become free. */
  slotFreed(): Promise<unknown>
  /** Resolves when all has ended. */
  drained(): Promise<unknown>
}

interface DispatcherOptions {
  webPush: WebPushSender
  /** Jobs under way at once. */
  maxInFlight?: number
  /** Of them, jobs of one push service: however slow it is, the others have places left. */
  perService?: number
}

/** How long that is put off which finds no place, in milliseconds, and up to as long again. */
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
      // A job that takes its time may be taken over by the very node that works on it.
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

/** The jobs that are being worked on, each of which ends by itself: one that takes its time holds nothing but its own place. */
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
    /** What has to end before, if anything. */
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
