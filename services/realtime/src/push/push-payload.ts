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
