import type { Conversation } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { takeMarker } from './ingest-marker.ts'
import { keepMarkers } from './keep-markers.ts'

export interface TakenConversation {
  /** The server is ahead: events are lacking. */
  behind: boolean
  unreadUnknown: boolean
}

/**
 * Takes a conversation as the server knows it. An unknown one is installed; one at the version known here replaces what
 * is known, so that no mistake stays; an older one is ignored; a newer one is not taken, because its events come first.
 */
export async function takeConversation(
  transaction: Transaction,
  { fresh, me, reset = false }: { fresh: Conversation; me: string; reset?: boolean },
): Promise<TakenConversation> {
  const known = transaction.conversation(fresh.id)
  takePeople(transaction, fresh, known?.conversation)
  if (!known || reset) {
    install(transaction, fresh)
  } else if (known.conversation.version === fresh.version) {
    transaction.putConversation({ ...known, conversation: keepMarkers(fresh, known.conversation) })
  } else {
    return { behind: known.conversation.version < fresh.version, unreadUnknown: false }
  }
  // What I have read here and the server does not know yet still counts as read.
  const readSeq = Math.max(known?.conversation.me.lastReadSeq ?? 0, fresh.me.lastReadSeq)
  const marker = { conversationId: fresh.id, userId: me, readSeq: Math.min(readSeq, fresh.lastSeq) }
  return { behind: false, unreadUnknown: await takeMarker(transaction, { marker, me }) }
}

/** Where only my own settings are news, its people are those known here. */
function takePeople(
  transaction: Transaction,
  { participants }: Conversation,
  known: Conversation | undefined,
): void {
  if (participants === known?.participants) return
  transaction.putParticipants(participants)
  const there = new Set(participants.map(({ userId }) => userId))
  const gone = known?.participants.filter(({ userId }) => !there.has(userId)) ?? []
  transaction.keepPeople(gone.map(({ userId }) => userId))
}

/** Messages stored earlier may have changed since in ways that nobody tells any more. */
function install(transaction: Transaction, fresh: Conversation): void {
  transaction.forgetConversation(fresh.id)
  transaction.putConversation({ conversation: fresh, historyStart: null })
  if (fresh.lastMessage) transaction.putMessages(fresh.id, [fresh.lastMessage])
  transaction.deleteStoredOutbox(fresh.id, fresh.lastSeq)
}
