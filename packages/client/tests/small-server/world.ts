import {
  type Conversation,
  type ConversationEvent,
  type ConversationEventData,
  type ConversationEventType,
  type ConversationMe,
  type ConversationMeChange,
  defaultPreferences,
  type Me,
  type Message,
  newId,
  type Participant,
  type PublicUser,
  type ServerEventData,
} from '@finnigram/contracts'
import { plainMessage } from '@finnigram/contracts/testing'
import { Refusal } from './refusal.ts'
import { type Place, type Room, toConversation } from './room.ts'

export interface Person extends Me {
  password: string
  /** When the profile last changed, by the count of moves. */
  changedAt: number
}

const now = () => new Date().toISOString()

/** What the services would keep: people, conversations, messages and every event, by the rules of the contract. */
export class World {
  readonly people = new Map<string, Person>()
  /** Milliseconds since 1970, for the times of drafts. */
  clock = () => Date.now()
  readonly rooms = new Map<string, Room>()
  /** Who was asked to join a room, and by whom; by both ids. */
  readonly invitations = new Map<string, { room: Room; userId: string; invitedBy: string }>()
  /** How many conversations each sync told to know. */
  readonly syncSizes: number[] = []
  /** Where people want their notifications, by person and device. */
  readonly devices = new Map<string, object>()
  onAccount: (userId: string, fact: ServerEventData['account']) => void = () => undefined
  onEvents: (events: ConversationEvent[]) => void = () => undefined
  #moves = 0

  addPerson(username: string, displayName = username, password = 'correct horse battery'): Person {
    const person: Person = {
      id: newId(),
      username,
      displayName,
      bio: '',
      avatarUrl: null,
      createdAt: now(),
      lastSeenAt: null,
      email: null,
      emailVerified: false,
      totpEnabled: false,
      preferences: defaultPreferences,
      version: 1,
      password,
      changedAt: 0,
    }
    this.people.set(person.id, person)
    return person
  }

  /** Changes a profile; nobody is told but by what is asked afterwards. */
  changeProfile(person: Person, changes: Partial<PublicUser>): void {
    this.#moves += 1
    Object.assign(person, { version: (person.version ?? 0) + 1, changedAt: this.#moves }, changes)
  }

  /** Who shares a room with a person. */
  peersOf(userId: string): Set<string> {
    const rooms = [...this.rooms.values()].filter(({ places }) => places.has(userId))
    return new Set(rooms.flatMap(({ places }) => [...places.keys()]))
  }

  addRoom(
    kind: Room['kind'],
    createdBy: string,
    userIds: string[],
    { id = newId(), title = null }: { id?: string | undefined; title?: string | null } = {},
  ): Room {
    const room: Room = {
      id,
      kind,
      title,
      createdBy,
      createdAt: now(),
      places: new Map(),
      messages: [],
      events: [],
      compacted: 0,
    }
    this.rooms.set(room.id, room)
    for (const id of new Set([createdBy, ...userIds]))
      this.#place(room, id, id === createdBy ? 'owner' : 'member')
    const { me: _, ...conversation } = this.toConversation(room, createdBy)
    this.tell(room, createdBy, 'conversation.created', { conversation })
    return room
  }

  #place(room: Room, userId: string, role: Place['role']): void {
    room.places.set(userId, {
      role,
      joinedAt: now(),
      joinedSeq: room.messages.length,
      joinedVersion: room.events.length + 1,
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      movedAt: 0,
      draft: null,
      draftAt: 0,
    })
  }

  tell<T extends ConversationEventType>(
    room: Room,
    actorId: string,
    type: T,
    data: ConversationEventData[T],
  ) {
    const version = room.events.length + 1
    const event = { conversationId: room.id, version, type, at: now(), actorId, data } as ConversationEvent
    room.events.push(event)
    this.onEvents([event])
    return event
  }

  invite(room: Room, invitedBy: string, userId: string): void {
    this.invitations.set(`${room.id} ${userId}`, { room, userId, invitedBy })
    const conversation = this.toInvited(room, invitedBy)
    this.onAccount(userId, { type: 'conversation.invited', data: { conversation } })
  }

  /** Whether there was such an invitation. */
  endInvitation(room: Room, userId: string): boolean {
    const wasThere = this.invitations.delete(`${room.id} ${userId}`)
    const data = { conversationId: room.id }
    if (wasThere) this.onAccount(userId, { type: 'conversation.invitation.ended', data })
    return wasThere
  }

  toInvited(room: Room, invitedBy: string): Conversation {
    const { me, ...shared } = this.toConversation(room, invitedBy)
    return { ...shared, participants: [], lastMessage: null, me: { ...me, state: 'invited', invitedBy } }
  }

  add(room: Room, actorId: string, userId: string): void {
    if (room.places.has(userId)) return
    this.#place(room, userId, 'member')
    const participant = this.#participants(room).find((one) => one.userId === userId)
    if (participant) this.tell(room, actorId, 'participant.added', { participant })
  }

  remove(room: Room, actorId: string, userId: string): void {
    this.tell(room, actorId, 'participant.removed', { userId })
    room.places.delete(userId)
  }

  send(
    room: Room,
    senderId: string,
    { id, text }: { id: string; text: string },
  ): { status: number; message: Message } {
    const stored = room.messages.find((message) => message.id === id)
    if (stored) return { status: 200, message: stored }
    const message = plainMessage({
      id,
      conversationId: room.id,
      seq: room.messages.length + 1,
      version: room.events.length + 1,
      senderId,
      text,
      createdAt: now(),
    })
    room.messages.push(message)
    this.tell(room, senderId, 'message.created', { message: { ...message } })
    return { status: 201, message }
  }

  edit(room: Room, seq: number, text: string): void {
    const message = this.#change(room, seq, { text, editedAt: now() })
    if (message) this.tell(room, message.senderId, 'message.edited', { message: { ...message } })
  }

  delete(room: Room, seq: number): void {
    const message = this.#change(room, seq, {
      text: null,
      deletedAt: now(),
      editedAt: null,
      attachments: [],
      mentions: [],
      mentionsAll: false,
      reactions: [],
      replyTo: null,
      forwardOf: null,
    })
    if (!message) return
    const event = this.tell(room, message.senderId, 'message.deleted', { id: message.id, seq })
    message.deletedAt = event.at
  }

  react(room: Room, userId: string, { seq, emoji }: { seq: number; emoji: string }): void {
    const known = room.messages[seq - 1]?.reactions.find((reaction) => reaction.emoji === emoji)
    const others = room.messages[seq - 1]?.reactions.filter((reaction) => reaction !== known) ?? []
    const before = known?.userIds ?? []
    const isAdded = !before.includes(userId)
    const userIds = isAdded ? [...before, userId] : before.filter((id) => id !== userId)
    const changed = { emoji, userIds }
    const replaced =
      room.messages[seq - 1]?.reactions.map((reaction) => (reaction === known ? changed : reaction)) ?? []
    const reactions = known ? (userIds.length > 0 ? replaced : others) : [...others, changed]
    const message = this.#change(room, seq, { reactions })
    if (!message) return
    const data = { messageId: message.id, seq, emoji, userId }
    this.tell(room, userId, isAdded ? 'reaction.added' : 'reaction.removed', data)
  }

  #change(room: Room, seq: number, changes: Partial<Message>): Message | undefined {
    const message = room.messages[seq - 1]
    if (!message) return undefined
    const changed = { ...message, ...changes, version: room.events.length + 1 }
    room.messages[seq - 1] = changed
    return changed
  }

  move(
    room: Room,
    userId: string,
    { readSeq = 0, deliveredSeq = 0 }: { readSeq?: number; deliveredSeq?: number },
  ) {
    const place = room.places.get(userId)
    if (!place) return
    this.#moves += 1
    place.lastReadSeq = Math.max(place.lastReadSeq, Math.min(readSeq, room.messages.length))
    place.lastDeliveredSeq = Math.max(
      place.lastDeliveredSeq,
      Math.min(Math.max(readSeq, deliveredSeq), room.messages.length),
    )
    place.movedAt = this.#moves
  }

  /** The draft typed last stays. */
  setDraft(room: Room, userId: string, { draft, draftAgeMs = 0 }: ConversationMeChange): ConversationMe {
    const place = room.places.get(userId)
    if (!place) throw new Refusal('not_found')
    const draftAt = this.clock() - draftAgeMs
    if (draftAt < place.draftAt) return this.toConversation(room, userId).me
    this.#moves += 1
    Object.assign(place, { draft, draftAt, movedAt: this.#moves })
    const { me } = this.toConversation(room, userId)
    this.onAccount(userId, { type: 'conversation.me', data: { conversationId: room.id, me } })
    return me
  }

  get moves(): number {
    return this.#moves
  }

  toPublic(userId: string): PublicUser {
    const person = this.people.get(userId)
    if (!person) throw new Error('No such person')
    const { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt, version = 0 } = person
    return { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt, version }
  }

  toConversation(room: Room, userId: string): Conversation {
    return toConversation(room, { userId, participants: this.#participants(room) })
  }

  #participants(room: Room): Participant[] {
    return [...room.places]
      .map(([userId, { role, joinedAt, lastReadSeq, lastDeliveredSeq }]) => ({
        userId,
        role,
        joinedAt,
        lastReadSeq,
        lastDeliveredSeq,
        user: this.toPublic(userId),
      }))
      .sort((a, b) => (a.userId < b.userId ? -1 : 1))
  }
}
