import type { Marker } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { messagesAfter } from './messages-after.ts'
import { moveMarker } from './move-marker.ts'

/** Takes a moved marker into the replica. Returns true when my unread count has to be asked for. */
export async function takeMarker(
  transaction: Transaction,
  { marker, me }: { marker: Marker; me: string },
): Promise<boolean> {
  const { conversationId: id, userId, readSeq = 0 } = marker
  const stored = transaction.conversation(id)
  if (!stored) return false
  const isNews = userId === me && readSeq > stored.conversation.me.lastReadSeq
  const unread = isNews ? await messagesAfter(transaction, { id, seq: readSeq }) : null
  const { conversation, unreadUnknown } = moveMarker(stored.conversation, marker, { me, unread })
  if (conversation !== stored.conversation) transaction.putConversation({ ...stored, conversation })
  return unreadUnknown
}
