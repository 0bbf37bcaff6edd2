import type { ReadonlyMemory } from '../replica/memory.ts'

/** Older messages exist than those at hand. */
export function hasBefore({ conversations, windows }: ReadonlyMemory, id: string): boolean {
  const stored = conversations.get(id)
  if (!stored) return false
  const first = windows.get(id)?.[0]?.seq ?? stored.conversation.lastSeq + 1
  return first > (stored.historyStart ?? stored.conversation.me.joinedSeq + 1)
}

/** Newer messages exist than those at hand. */
export function hasAfter({ conversations, windows }: ReadonlyMemory, id: string): boolean {
  const stored = conversations.get(id)
  const last = windows.get(id)?.at(-1)
  return stored !== undefined && last !== undefined && last.seq < stored.conversation.lastSeq
}
