import type { Conversation, Message, Problem } from '@finnigram/contracts'

/** A message to be sent, kept on the device until its event has arrived. */
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
   * `saving`: this state is not in the store yet, and may be lost with the process. `stored`: the
   * server has it as `message`, and its event is still on the way.
   */
  state: 'saving' | 'waiting' | 'failed' | 'stored'
  message?: Message
  problem?: Problem
}

/** Entries of one conversation in the order in which they go out. */
export function entriesOf(outbox: Iterable<OutboxEntry>, conversationId: string): OutboxEntry[] {
  return [...outbox]
    .filter((entry) => entry.conversationId === conversationId)
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
}

/** A message that waits on this device, in the shape of a stored one. */
export interface PendingMessage extends Omit<Message, 'seq' | 'version'> {
  seq: null
  version: null
  /**
   * `saving`: not in the store yet. `waiting`: stored, or in memory where the store is missing or
   * full.
   */
  localState: 'saving' | 'waiting' | 'failed'
  /** Why it failed. */
  problem?: Problem
  /** The message it answers. */
  replyToId?: string
}

/** How a waiting message looks in the list. */
export function toPendingMessage(entry: OutboxEntry, senderId: string): PendingMessage {
  return {
    id: entry.id,
    conversationId: entry.conversationId,
    seq: null,
    version: null,
    senderId,
    kind: 'text',
    text: entry.text,
    attachments: [],
    replyTo: null,
    forwardOf: null,
    mentions: [],
    mentionsAll: false,
    system: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
    createdAt: entry.createdAt,
    localState: entry.state === 'stored' ? 'waiting' : entry.state,
    ...(entry.problem === undefined ? {} : { problem: entry.problem }),
    ...(entry.replyToId === undefined ? {} : { replyToId: entry.replyToId }),
  }
}

/** Texts that were never sent, of a conversation that I no longer take part in. */
export interface Unsent {
  conversationId: string
  /** Of the group, or the other person's name. */
  title: string
  /** Messages in the order in which they would have gone out, then what stood in the field. */
  texts: readonly string[]
}

const prefix = 'unsent/'
export const unsentKey = (conversationId: string): string => `${prefix}${conversationId}`
export const unsentRange = { from: prefix, to: `${prefix}~` }

/** Where this device keeps typed texts. The replica's memory is one such place. */
interface TypedTexts {
  conversations: ReadonlyMap<string, { conversation: Conversation }>
  outbox: ReadonlyMap<string, OutboxEntry>
  superseded: ReadonlyMap<string, readonly string[]>
  drafts: ReadonlyMap<string, { text: string }>
  unsent: readonly Unsent[]
}

/**
 * What becomes unsent when a conversation is dropped, after what was unsent before; undefined if
 * nothing.
 */
export function unsentOf(memory: TypedTexts, me: string, id: string): Unsent | undefined {
  const known = memory.conversations.get(id)?.conversation
  const waiting = entriesOf(memory.outbox.values(), id).filter(({ state }) => state !== 'stored')
  const typed = [
    ...waiting.map(({ text }) => text),
    ...(memory.superseded.get(id) ?? []),
    memory.drafts.get(id)?.text ?? known?.me.draft ?? '',
  ].filter((text) => text.trim() !== '')
  if (typed.length === 0) return undefined
  const before = memory.unsent.find(({ conversationId }) => conversationId === id)
  const peer = known?.participants.find(({ userId }) => userId !== me)
  const title = known?.title ?? peer?.user.displayName ?? ''
  return { conversationId: id, title, texts: [...(before?.texts ?? []), ...typed] }
}

/** Undefined removes it. */
export function replaceUnsent(
  memory: { unsent: readonly Unsent[] },
  id: string,
  unsent: Unsent | undefined,
): void {
  const others = memory.unsent.filter(({ conversationId }) => conversationId !== id)
  memory.unsent = unsent ? [unsent, ...others] : others
}
