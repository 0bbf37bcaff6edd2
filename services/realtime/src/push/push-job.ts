import { PushDevice } from '@finnigram/contracts'
import { z } from 'zod'
import { PushPayload } from './push-payload.ts'

/** One thing to tell one device. */
export const PushJob = z.object({
  userId: z.string(),
  targetKey: z.string(),
  target: PushDevice.shape.target,
  sound: z.boolean(),
  payload: PushPayload,
  /** How many messages it tells, and the first of those that it was made for. */
  count: z.int(),
  fromSeq: z.int(),
  urgency: z.enum(['high', 'normal', 'low']),
  /** When what it tells happened, and when it was queued: milliseconds since 1970. */
  at: z.number(),
  queuedAt: z.number(),
  /** Tries so far. */
  attempt: z.int(),
  /** Somebody waits to hear how this went. */
  testId: z.string().exactOptional(),
})
export type PushJob = z.infer<typeof PushJob>

/** The same job, to be tried once more. */
export const again = (taken: TakenJob): TakenJob => ({
  ...taken,
  job: { ...taken.job, attempt: taken.job.attempt + 1 },
})

/** A job that this node has taken from the queue. */
export interface TakenJob {
  readonly entryId: string
  readonly job: PushJob
}

/** What has been on the queue for longer, in milliseconds, or was tried, is told as things stand then. */
const freshForMs = 10_000

/** Whether a job is sent with the words it has, at that time. A test tells nothing that may change. */
export const isFresh = ({ testId, attempt, queuedAt }: PushJob, at: number): boolean =>
  testId !== undefined || (attempt === 0 && at - queuedAt < freshForMs)
