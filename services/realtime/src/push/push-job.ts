import { PushDevice } from '@finnigram/contracts'
import { z } from 'zod'

/** What a device is told, whatever service carries it: encrypted to a browser, as `data` beside title and body to a phone. */
export const PushPayload = z.object({
  /** `message` shows or replaces the notification of its `tag`, `clear` takes it away, `test` is one that its owner asked for. */
  type: z.enum(['message', 'clear', 'test']),
  /** Empty for a test. */
  conversationId: z.string(),
  /** Of the last message it tells; of a `clear`, up to which everything is read. */
  seq: z.int(),
  title: z.string(),
  body: z.string(),
  /** What stands on the app's icon: all that is unread. */
  badge: z.int(),
  /** Notifications of one tag replace each other: the conversation's id. */
  tag: z.string(),
})
export type PushPayload = z.infer<typeof PushPayload>

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

/** The same device, also where its app has set its target anew meanwhile: only the time in the name is another. */
export const targetOf = (targetKey: string): string => targetKey.split('.', 1)[0] ?? ''

/** The push service that carries to a target: Expo, or the host that a browser named. */
export const serviceOf = (target: PushJob['target']): string =>
  target.kind === 'expo' ? 'expo' : (URL.parse(target.subscription.endpoint)?.host ?? '')

/** What came of trying to send; `detail` is for whoever asked for a test, and names no token, endpoint or text. */
export const Outcome = z.discriminatedUnion('kind', [
  /** Taken by the push service; `receiptId` where it tells later whether it arrived. */
  z.object({ kind: z.literal('sent'), detail: z.string(), receiptId: z.string().exactOptional() }),
  /** The device is not there any more. */
  z.object({ kind: z.literal('gone'), detail: z.string() }),
  /** It will not be taken, however often it is sent; `mayBeGone` where that may be said of the device, and not of what is sent. */
  z.object({
    kind: z.literal('refused'),
    reason: z.string(),
    detail: z.string(),
    mayBeGone: z.boolean().exactOptional(),
  }),
  /** It may be taken later, not before `afterMs` where the push service said so. */
  z.object({
    kind: z.literal('later'),
    reason: z.string(),
    detail: z.string(),
    afterMs: z.number().exactOptional(),
  }),
])
export type Outcome = z.infer<typeof Outcome>

/** Milliseconds that a `Retry-After` header asks for (seconds or a date), a day at most; undefined where it asks for nothing. */
export function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 24 * 3600_000) : undefined
}

/** How long push services keep what a device is to be told until it is there, in seconds. */
export const keptForSeconds = { message: 3 * 24 * 3600, clear: 24 * 3600, test: 300 } as const

/** The longest to wait for a push service, in milliseconds. */
export const patienceMs = 8000
