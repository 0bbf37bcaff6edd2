import type { Marker } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { readUpTo } from './count-unread.ts'
import { messagesBetween } from './messages-between.ts'
import { moveMarker } from './move-marker.ts'

/** Takes a moved marker into the replica. Returns true when my unread count has to be asked for. */
export async function takeMarker(
  transaction: Transaction,
  { marker, me }: { marker: Marker; me: string },
): Promise<boolean> {
  const { conversationId: id, userId, readSeq = 0 } = marker
  const stored = transaction.conversation(id)
  if (!stored) return false
  const { me: mine, lastSeq } = stored.conversation
  const isNews = userId === me && readSeq > mine.lastReadSeq
  const passed = isNews
    ? await messagesBetween(transaction, id, { after: readUpTo(mine), upTo: readSeq })
    : null
  // Counting what is left needs no count from before; the first screen of a long backlog has only what was passed.
  const unread = isNews ? await messagesBetween(transaction, id, { after: readSeq, upTo: lastSeq }) : null
  const { conversation, unreadUnknown } = moveMarker(stored.conversation, marker, { me, unread, passed })
  if (conversation !== stored.conversation) transaction.putConversation({ ...stored, conversation })
  return unreadUnknown
}
