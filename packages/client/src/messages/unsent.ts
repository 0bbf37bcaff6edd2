import type { Memory, ReadonlyMemory } from '../replica/memory.ts'
import { entriesOf } from './entries-of.ts'

/** What was typed in a conversation that I no longer take part in, and never went out. */
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

/**
 * What is unsent once this conversation is dropped, with what was from another time; undefined for
 * nothing.
 */
export function unsentOf(memory: ReadonlyMemory, me: string, id: string): Unsent | undefined {
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

/** Undefined takes it out. */
export function replaceUnsent(memory: Memory, id: string, unsent: Unsent | undefined): void {
  const others = memory.unsent.filter(({ conversationId }) => conversationId !== id)
  memory.unsent = unsent ? [unsent, ...others] : others
}
