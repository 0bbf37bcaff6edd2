import { PushDevice } from '@finnigram/contracts'
import { z } from 'zod'

/**
 * The payload of a notification: encrypted for a browser, `data` beside title and body for a phone.
 */
export const PushPayload = z.object({
  /**
   * `message` shows or replaces the notification of its `tag`, `clear` removes it, `test` was asked
   * for by its owner.
   */
  type: z.enum(['message', 'clear', 'test']),
  /** Empty for a test. */
  conversationId: z.string(),
  /** Of the last message in it; of a `clear`, the read position. */
  seq: z.int(),
  title: z.string(),
  body: z.string(),
  /** Number on the app's icon: all unread messages. */
  badge: z.int(),
  /** Notifications of one tag replace each other: the conversation's id. */
  tag: z.string(),
})
export type PushPayload = z.infer<typeof PushPayload>

/** One notification for one device. */
export const PushJob = z.object({
  userId: z.string(),
  targetKey: z.string(),
  target: PushDevice.shape.target,
  sound: z.boolean(),
  payload: PushPayload,
  /** Number of messages in it, and the first that it was planned for. */
  count: z.int(),
  fromSeq: z.int(),
  urgency: z.enum(['high', 'normal', 'low']),
  /** Time of the last message, and of queueing: milliseconds since 1970. */
  at: z.number(),
  queuedAt: z.number(),
  /** Attempts so far. */
  attempt: z.int(),
  /** Set for a test, whose caller waits for the outcome. */
  testId: z.string().exactOptional(),
})
export type PushJob = z.infer<typeof PushJob>

/** The same job for its next attempt. */
export const nextAttempt = (taken: TakenJob): TakenJob => ({
  ...taken,
  job: { ...taken.job, attempt: taken.job.attempt + 1 },
})

/** A job that this node has taken from the queue. */
export interface TakenJob {
  readonly entryId: string
  readonly job: PushJob
}

/** A job that waited longer, in milliseconds, or was tried is composed again before it is sent. */
const freshForMs = 10_000

/** Whether a job is sent with the text it has. A test has none that may change. */
export const isFresh = ({ testId, attempt, queuedAt }: PushJob, at: number): boolean =>
  testId !== undefined || (attempt === 0 && at - queuedAt < freshForMs)

/**
 * Identifies a device, even if its app has renewed the target: only the time in the key differs.
 */
export const targetOf = (targetKey: string): string => targetKey.split('.', 1)[0] ?? ''

/** The push service of a target: Expo, or the host that the browser named. */
export const serviceOf = (target: PushJob['target']): string =>
  target.kind === 'expo' ? 'expo' : (URL.parse(target.subscription.endpoint)?.host ?? '')

/** The outcome of an attempt. `detail` is shown for a test, and has no token, endpoint or text. */
export const Outcome = z.discriminatedUnion('kind', [
  /** Accepted by the push service; `receiptId` if it has receipts. */
  z.object({ kind: z.literal('sent'), detail: z.string(), receiptId: z.string().exactOptional() }),
  /** The device is not there any more. */
  z.object({ kind: z.literal('gone'), detail: z.string() }),
  /**
   * A retry would be refused, too. `mayBeGone` if the reason may be the device, not the payload.
   */
  z.object({
    kind: z.literal('refused'),
    reason: z.string(),
    detail: z.string(),
    mayBeGone: z.boolean().exactOptional(),
  }),
  /**
   * To be retried, not before `afterMs` if the push service said so. `untried` if it was left alone
   * meanwhile: that is no attempt, and does not lengthen the wait for the next one.
   */
  z.object({
    kind: z.literal('later'),
    reason: z.string(),
    detail: z.string(),
    afterMs: z.number().exactOptional(),
    untried: z.literal(true).exactOptional(),
  }),
])
export type Outcome = z.infer<typeof Outcome>

/**
 * Milliseconds that a `Retry-After` header asks for (seconds or a date), a day at most; undefined
 * where it asks for nothing.
 */
export function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 24 * 3600_000) : undefined
}

/** TTL at push services, in seconds. */
export const keptForSeconds = { message: 3 * 24 * 3600, clear: 24 * 3600, test: 300 } as const

/** Timeout of a push service, in milliseconds. */
export const patienceMs = 8000
