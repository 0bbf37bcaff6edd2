import { applyEvents, type ConversationState } from '@finnigram/client/apply-events'
import type { Conversation, ConversationEvent, Message, SyncReply } from '@finnigram/contracts'
import type { Person } from '../authorization/environment/person.ts'
import { done } from '../authorization/environment/person.ts'
import { openSocket } from '../src/open-socket.ts'
import type { Fixture } from './fixture.ts'

/**
 * A conversation as a new device of `person` learns it: one call for it and one for its messages.
 */
export async function fetchFresh({ call }: Fixture, person: Person): Promise<ConversationState> {
  const conversation = await call<Conversation>(person, 'GET ')
  const { items } = await call<{ items: Message[] }>(person, 'GET /messages?limit=100')
  return { conversation, messages: new Map(items.map((message) => [message.seq, message])) }
}

/** Ids of the messages that are pinned, last pinned first. */
export async function fetchPins({ call }: Fixture, person: Person): Promise<string[]> {
  const { items } = await call<{ items: Message[] }>(person, 'GET /pins')
  return items.map(({ id }) => id)
}

/** The pinned messages after `events`. */
export function pinsAfter(before: readonly string[], events: readonly ConversationEvent[]): string[] {
  let pins = [...before]
  for (const { type, data } of events) {
    if (type === 'message.deleted') pins = pins.filter((id) => id !== data.id)
    if (type === 'message.unpinned') pins = pins.filter((id) => id !== data.messageId)
    if (type === 'message.pinned') pins = [data.messageId, ...pins]
  }
  return pins
}

/** A device of `person` that hears what happens as it happens. */
export async function listenTo(url: string, { token }: Person) {
  const socket = await openSocket(url, { token })
  await socket.hears('ready')
  const eventsOf = (id: string) =>
    socket.heard
      .flatMap(({ event, data }) => (event === 'events' ? (data as ConversationEvent[]) : []))
      .filter(({ conversationId }) => conversationId === id)
  return {
    /** Resolves with all events of a conversation when that of `version` has come. */
    async until(id: string, version: number): Promise<ConversationEvent[]> {
      await socket.hears('events', () => eventsOf(id).some((event) => event.version >= version))
      return eventsOf(id)
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  }
}

/** What a device that knows `version` is told when it comes back. */
export async function catchUp({ url, id }: Fixture, { token }: Person, version: number | undefined) {
  const known = version === undefined ? {} : { [id]: version }
  const reply = await done<SyncReply>(url, 'POST /v1/sync', { token, body: { known } })
  return {
    ...reply,
    events: reply.events[id] ?? [],
    conversation: reply.conversations.find((one) => one.id === id),
  }
}

/** What a device knows that knew `before` and was told `events`. */
export function afterEvents(
  before: ConversationState,
  events: readonly ConversationEvent[],
  { userId }: Person,
): ConversationState {
  const { state, gap, unreadUnknown } = applyEvents(before, events, userId)
  if (gap || unreadUnknown) throw new Error(gap ? 'Events are missing' : 'The unread count is not known')
  return state
}
