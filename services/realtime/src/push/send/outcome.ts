import { z } from 'zod'

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
