import type { Conversation } from '@finnigram/contracts'

/** A conversation as this device knows it: exactly at `conversation.version`, with every event up to it applied. */
export interface StoredConversation {
  conversation: Conversation
  /** Seq of the oldest message that may be read, once history has been read to its start. */
  historyStart: number | null
}
