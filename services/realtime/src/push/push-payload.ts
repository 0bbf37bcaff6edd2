/** What a device is told, whatever service carries it: encrypted to a browser, as `data` beside title and body to a phone. */
export interface PushPayload {
  /** `message` shows or replaces the notification of its `tag`, `clear` takes it away, `test` is one that its owner asked for. */
  type: 'message' | 'clear' | 'test'
  /** Empty for a test. */
  conversationId: string
  /** Of the last message it tells; of a `clear`, up to which everything is read. */
  seq: number
  title: string
  body: string
  /** What stands on the app's icon: all that is unread. */
  badge: number
  /** Notifications of one tag replace each other: the conversation's id. */
  tag: string
}
