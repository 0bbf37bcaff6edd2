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
   * `saving`: not kept yet, and lost with the process; only ever in memory. `stored`: the server has it as `message`, and
   * its event is still on the way.
   */
  state: 'saving' | 'waiting' | 'failed' | 'stored'
  message?: Message
  problem?: Problem
}
