import type { TakenJob } from '../push-job.ts'
import { sendJobs } from './send-jobs.ts'
import type { Settling } from './settle.ts'
import type { WebPushSender } from './web-push-sender.ts'

/** What is under way on this node. */
export interface Desk {
  /** Jobs it may still take up. */
  readonly free: number
  /** Begins to work on jobs; those of one device and conversation one after the other, in order. */
  start(taken: readonly TakenJob[]): void
  /** Resolves when something has ended. */
  moved(): Promise<unknown>
  /** Resolves when all has ended. */
  done(): Promise<unknown>
}

const mostUnderWay = 200

export function createDesk(settling: Settling, webPush: WebPushSender): Desk {
  const underWay = new Set<string>()
  const busy = new Map<string, Promise<void>>()
  const sending = new Set<Promise<void>>()

  const work = async (jobs: readonly TakenJob[], before: Promise<unknown>) => {
    await before
    try {
      await sendJobs(settling, { jobs, webPush })
    } catch (error) {
      settling.ctx.log.debug('Notifications stay on the queue', { error })
    }
    for (const { entryId } of jobs) underWay.delete(entryId)
  }
  const begin = (jobs: readonly TakenJob[], before: Promise<unknown>) => {
    const working = work(jobs, before).finally(() => {
      sending.delete(working)
      for (const job of jobs) if (busy.get(placeOf(job)) === working) busy.delete(placeOf(job))
    })
    sending.add(working)
    for (const job of jobs) busy.set(placeOf(job), working)
  }
  return {
    get free() {
      return Math.max(0, mostUnderWay - underWay.size)
    },
    start(taken) {
      // A job that takes its time may be taken over by the very node that works on it.
      const jobs = taken.filter(({ entryId }) => !underWay.has(entryId))
      for (const { entryId } of jobs) underWay.add(entryId)
      const ready = new Map<string, TakenJob>()
      const others: TakenJob[] = []
      for (const job of jobs) {
        const place = placeOf(job)
        if (busy.has(place) || ready.has(place)) others.push(job)
        else ready.set(place, job)
      }
      if (ready.size > 0) begin([...ready.values()], Promise.resolve())
      for (const job of others) begin([job], busy.get(placeOf(job)) ?? Promise.resolve())
    },
    moved: () => Promise.race(sending),
    done: () => Promise.all(sending),
  }
}

const placeOf = ({ job }: TakenJob) => job.testId ?? `${job.targetKey} ${job.payload.conversationId}`
