import type { Database } from '../store/store.ts'
import { emptyMemory, type Memory } from './memory.ts'

export const cursorKey = 'cursor'

/** Reads what an earlier run left on this device. */
export async function loadMemory(database: Database): Promise<Memory> {
  const [conversations, outbox, drafts, reads, cursor] = await Promise.all([
    database.range('conversations'),
    database.range('outbox'),
    database.range('drafts'),
    database.range('reads'),
    database.get('meta', cursorKey),
  ])
  return {
    ...emptyMemory(),
    conversations: new Map(conversations.map((stored) => [stored.conversation.id, stored])),
    outbox: new Map(outbox.map((entry) => [entry.id, entry])),
    drafts: new Map(drafts.map(({ conversationId, ...draft }) => [conversationId, draft])),
    reads: new Map(reads.map(({ conversationId, seq }) => [conversationId, seq])),
    cursor: typeof cursor === 'string' ? cursor : undefined,
  }
}
