import type { ConversationEvent } from '@finnigram/contracts'
import type { Markers } from './conversations/markers.ts'
import type { History } from './messages/history.ts'
import type { Typing } from './people/typing.ts'

export interface Listeners {
  me: string
  history: History
  typing: Typing
  markers: Markers
}

/** What follows from events once the store has them: the sender types no longer, and the server may know that I have it. */
export function whenApplied(listeners: () => Listeners) {
  return (events: readonly ConversationEvent[]): void => {
    const { me, history, typing, markers } = listeners()
    history.noteApplied(events)
    const delivered = new Set<string>()
    for (const event of events) {
      if (event.type !== 'message.created') continue
      const { conversationId, senderId } = event.data.message
      typing.heard({ conversationId, userId: senderId, active: false })
      if (senderId !== me) delivered.add(conversationId)
    }
    for (const id of delivered) markers.delivered(id)
  }
}
