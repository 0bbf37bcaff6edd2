import type { Message, Problem } from '@finnigram/contracts'

/** A message on its way out, kept on the device until its event has arrived. */
export interface OutboxEntry {
  id: string
  conversationId: string
  /** Ascends per conversation: the order in which the messages go out. */
  order: number
  text: string
  replyToId?: string
  /** When it was written, by the clock of this device. */
  createdAt: string
  /**
   * `saving`: this state is not in the store yet, and may be lost with the process. `stored`: the server has it as
   * `message`, and its event is still on the way.
   */
  state: 'saving' | 'waiting' | 'failed' | 'stored'
  message?: Message
  problem?: Problem
}
