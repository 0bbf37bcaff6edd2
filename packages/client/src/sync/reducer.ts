import type { Conversation, ConversationEvent, Message } from '@finnigram/contracts'
import { applyEvent, type Draft } from './apply-event.ts'

/** A conversation at `conversation.version`, with those of its messages that are at hand, by seq. */
export interface ConversationState {
  conversation: Conversation
  messages: ReadonlyMap<number, Message>
}

export interface Applied {
  state: ConversationState
  /** The events that moved the state, in order. */
  events: ConversationEvent[]
  /** Events beyond a gap were left out: ask for what lies between. */
  gap: boolean
  /** I no longer take part. */
  removed: boolean
  /** The unread count cannot be known from what is at hand: fetch the conversation. */
  unreadUnknown: boolean
}

/** Applies events in version order: `version + 1` is applied, what is known is ignored, a gap ends it. Leaves `state` as it is. */
export function applyEvents(
  state: ConversationState,
  events: readonly ConversationEvent[],
  me: string,
): Applied {
  const draft: Draft = {
    me,
    ...state,
    messages: new Map(state.messages),
    removed: false,
    unreadUnknown: false,
  }
  const applied: ConversationEvent[] = []
  let gap = false
  for (const event of inVersionOrder(events)) {
    if (event.version <= draft.conversation.version) continue
    gap = event.version > draft.conversation.version + 1
    if (gap || draft.removed) break
    applyEvent(draft, event)
    applied.push(event)
  }
  const { conversation, messages, removed, unreadUnknown } = draft
  return { state: { conversation, messages }, events: applied, gap, removed, unreadUnknown }
}

function inVersionOrder(events: readonly ConversationEvent[]): readonly ConversationEvent[] {
  const ordered = events.every(
    (event, index) => index === 0 || event.version >= (events[index - 1]?.version ?? 0),
  )
  return ordered ? events : [...events].sort((a, b) => a.version - b.version)
}
