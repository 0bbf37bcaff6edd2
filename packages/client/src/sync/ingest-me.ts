import type { ConversationMe } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { takeConversation } from './ingest-conversation.ts'
import { takeMarker } from './ingest-marker.ts'

interface Mine {
  conversationId: string
  fresh: ConversationMe
  me: string
  /** The counts are those of the version known here; otherwise the messages that they count may not be here yet. */
  countsFit: boolean
}

/** Takes how a conversation stands for me: settings, marker, counts. Returns true when the unread count has to be asked for. */
export async function takeMine(
  transaction: Transaction,
  { conversationId, fresh, me, countsFit }: Mine,
): Promise<boolean> {
  const known = transaction.conversation(conversationId)?.conversation
  if (!known) return false
  const mine = countsFit ? fresh : withoutCounts(fresh, known.me)
  const taken = await takeConversation(transaction, { fresh: { ...known, me: mine }, me })
  const readSeq = Math.min(fresh.lastReadSeq, known.lastSeq)
  const moved = await takeMarker(transaction, { marker: { conversationId, userId: me, readSeq }, me })
  return taken.unreadUnknown || moved
}

function withoutCounts(fresh: ConversationMe, { lastReadSeq, unreadCount, mentionCount }: ConversationMe) {
  return { ...fresh, lastReadSeq, unreadCount, mentionCount }
}
