import type { TakenJob } from '../push-job.ts'
import { serviceOf } from '../push-job.ts'
import type { Settling } from './send-jobs.ts'
import { sendJobs } from './send-jobs.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** What is under way on this node. */
export interface Desk {
  /** Jobs it may still take up. */
  readonly free: number
  /** Begins to work on jobs; those of one device and conversation one after the other, in order. What a push service has no place for is put off. */
  start(taken: readonly TakenJob[]): void
  /** Resolves when a place has become free. */
  moved(): Promise<unknown>
  /** Resolves when all has ended. */
  done(): Promise<unknown>
}

interface DeskOptions {
  webPush: WebPushSender
  /** Jobs under way at once. */
  places?: number
  /** Of them, jobs of one push service: however slow it is, the others have places left. */
  ofService?: number
}

/** How long that is put off which finds no place, in milliseconds, and up to as long again. */
const putOffMs = 250

export function createDesk(
  settling: Settling,
  { webPush, places = 400, ofService = 200 }: DeskOptions,
): Desk {
  const work = createWork()
  const underWay = new Set<Promise<unknown>>()
  const follow = (doing: Promise<unknown>) => {
    const followed = doing
      .catch((error) => settling.ctx.log.debug('Notifications stay on the queue', { error }))
      .finally(() => underWay.delete(followed))
    underWay.add(followed)
  }
  const begin = (jobs: readonly TakenJob[], before: Promise<unknown>) =>
    follow(
      before
        .then(() => sendJobs(settling, { jobs, webPush, ended: work.end }))
        .finally(() => jobs.forEach(work.end)),
    )
  return {
    get free() {
      return Math.max(0, places - work.count())
    },
    start(taken) {
      const ready: TakenJob[] = []
      // A job that takes its time may be taken over by the very node that works on it.
      for (const one of taken.filter(({ entryId }) => !work.has(entryId))) {
        if (!one.job.testId && work.countOf(serviceOf(one.job.target)) >= ofService) {
          follow(settling.ctx.queue.postpone(one, putOffMs * (1 + Math.random())))
          continue
        }
        const before = work.begin(one)
        if (before) begin([one], before)
        else ready.push(one)
      }
      if (ready.length > 0) begin(ready, Promise.resolve())
    },
    moved: work.moved,
    done: () => Promise.all(underWay),
  }
}

const placeOf = ({ job }: TakenJob) => job.testId ?? `${job.targetKey} ${job.payload.conversationId}`

/** The jobs that are being worked on, each of which ends by itself: one that takes its time holds nothing but its own place. */
function createWork() {
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
    moved: () => Promise.race([...entries.values()].map(({ ended }) => ended)),
    /** What has to end before, if anything. */
    begin(taken: TakenJob): Promise<void> | undefined {
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      const before = lastOf.get(placeOf(taken))
      entries.set(taken.entryId, { ended, resolve })
      lastOf.set(placeOf(taken), ended)
      add(serviceOf(taken.job.target), 1)
      return before
    },
    end(taken: TakenJob): void {
      const entry = entries.get(taken.entryId)
      if (!entry) return
      entries.delete(taken.entryId)
      if (lastOf.get(placeOf(taken)) === entry.ended) lastOf.delete(placeOf(taken))
      add(serviceOf(taken.job.target), -1)
      entry.resolve()
    },
  }
}
