import type { Conversation, ConversationMe, Marker, Message } from '@finnigram/contracts'
import type { Transaction } from '../replica/transaction.ts'
import { readUpTo } from './message-reducer.ts'
import { mergeConversation, moveMarker } from './move-marker.ts'

export interface IngestedConversation {
  /** The server is ahead: fetch the events between. */
  behind: boolean
  unreadUnknown: boolean
}

/**
 * Stores a conversation as the server knows it. An unknown one is installed. One of the known
 * version replaces what is known, so that no mistake stays. An older one is ignored. A newer one is
 * not stored: its events come first.
 */
export async function ingestConversation(
  transaction: Transaction,
  { fresh, me, reset = false }: { fresh: Conversation; me: string; reset?: boolean },
): Promise<IngestedConversation> {
  const known = transaction.conversation(fresh.id)
  ingestParticipants(transaction, fresh, known?.conversation)
  if (!known || reset) {
    install(transaction, fresh)
  } else if (known.conversation.version === fresh.version) {
    transaction.putConversation({ ...known, conversation: mergeConversation(fresh, known.conversation) })
  } else {
    return { behind: known.conversation.version < fresh.version, unreadUnknown: false }
  }
  // What I have read here and the server does not know yet still counts as read.
  const readSeq = Math.max(known?.conversation.me.lastReadSeq ?? 0, fresh.me.lastReadSeq)
  const marker = { conversationId: fresh.id, userId: me, readSeq: Math.min(readSeq, fresh.lastSeq) }
  return { behind: false, unreadUnknown: await ingestMarker(transaction, { marker, me }) }
}

/** `participants` is the known list itself where only my own settings changed. */
function ingestParticipants(
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

/** Stored messages are dropped: they may have changed in ways that no event tells any more. */
function install(transaction: Transaction, fresh: Conversation): void {
  transaction.forgetConversation(fresh.id)
  transaction.putConversation({ conversation: fresh, historyStart: null })
  if (fresh.lastMessage) transaction.putMessages(fresh.id, [fresh.lastMessage])
  transaction.deleteStoredOutbox(fresh.id, fresh.lastSeq)
}

/** Counting more than this is left to the server. */
const mostCounted = 2_000

/** The messages of `after < seq <= upTo`; null when some of them are not on this device. */
async function messagesBetween(
  transaction: Transaction,
  id: string,
  { after, upTo }: { after: number; upTo: number },
): Promise<Message[] | null> {
  const expected = upTo - after
  if (expected <= 0) return []
  if (expected > mostCounted) return null
  const messages = await transaction.messages(id, { from: after + 1, to: upTo })
  return messages.length === expected ? messages : null
}

/** Stores a marker that moved. Returns true when my unread count has to be fetched. */
export async function ingestMarker(
  transaction: Transaction,
  { marker, me }: { marker: Marker; me: string },
): Promise<boolean> {
  const { conversationId: id, userId, readSeq = 0 } = marker
  const stored = transaction.conversation(id)
  if (!stored) return false
  const { me: mine, lastSeq } = stored.conversation
  const isForward = userId === me && readSeq > mine.lastReadSeq
  const passed = isForward
    ? await messagesBetween(transaction, id, { after: readUpTo(mine), upTo: readSeq })
    : null
  // Counting what is left needs no earlier count. On the first screen of a long backlog only what
  // was passed is at hand.
  const unread = isForward ? await messagesBetween(transaction, id, { after: readSeq, upTo: lastSeq }) : null
  const { conversation, unreadUnknown } = moveMarker(stored.conversation, marker, { me, unread, passed })
  if (conversation !== stored.conversation) transaction.putConversation({ ...stored, conversation })
  return unreadUnknown
}

interface OwnState {
  conversationId: string
  fresh: ConversationMe
  me: string
  /**
   * The counts are of the known version; otherwise the messages that they count may not be here
   * yet.
   */
  countsFit: boolean
}

/**
 * Stores my own settings, marker and counts. Returns true when the unread count has to be fetched.
 */
export async function ingestMe(
  transaction: Transaction,
  { conversationId, fresh, me, countsFit }: OwnState,
): Promise<boolean> {
  const known = transaction.conversation(conversationId)?.conversation
  if (!known) return false
  const mine = countsFit ? fresh : withoutCounts(fresh, known.me)
  const taken = await ingestConversation(transaction, { fresh: { ...known, me: mine }, me })
  const readSeq = Math.min(fresh.lastReadSeq, known.lastSeq)
  const moved = await ingestMarker(transaction, { marker: { conversationId, userId: me, readSeq }, me })
  return taken.unreadUnknown || moved
}

function withoutCounts(fresh: ConversationMe, { lastReadSeq, unreadCount, mentionCount }: ConversationMe) {
  return { ...fresh, lastReadSeq, unreadCount, mentionCount }
}
