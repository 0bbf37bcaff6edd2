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
import { type ConversationRecord, type Membership, toConversation } from './conversation-record.ts'
import { Refusal } from './refusal.ts'

export interface Person extends Me {
  password: string
  /** When the profile last changed, by the count of moves. */
  changedAt: number
}

const now = () => new Date().toISOString()

/**
 * What the services would keep: people, conversations, messages and every event, by the rules of
 * the contract.
 */
export class ServerState {
  readonly people = new Map<string, Person>()
  /** Milliseconds since 1970, for the times of drafts. */
  clock = () => Date.now()
  readonly conversations = new Map<string, ConversationRecord>()
  /** Who was asked to join a group, and by whom; by both ids. */
  readonly invitations = new Map<string, { record: ConversationRecord; userId: string; invitedBy: string }>()
  /** How many conversations each sync told to know. */
  readonly syncSizes: number[] = []
  /** Where people want their notifications, by person and device. */
  readonly devices = new Map<string, object>()
  onAccount: (userId: string, event: ServerEventData['account']) => void = () => undefined
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

  /** Who shares a conversation with a person. */
  peersOf(userId: string): Set<string> {
    const rooms = [...this.conversations.values()].filter(({ memberships: places }) => places.has(userId))
    return new Set(rooms.flatMap(({ memberships: places }) => [...places.keys()]))
  }

  createConversation(
    kind: ConversationRecord['kind'],
    createdBy: string,
    userIds: string[],
    { id = newId(), title = null }: { id?: string | undefined; title?: string | null } = {},
  ): ConversationRecord {
    const record: ConversationRecord = {
      id,
      kind,
      title,
      createdBy,
      createdAt: now(),
      memberships: new Map(),
      messages: [],
      events: [],
      compacted: 0,
    }
    this.conversations.set(record.id, record)
    for (const id of new Set([createdBy, ...userIds]))
      this.#join(record, id, id === createdBy ? 'owner' : 'member')
    const { me: _, ...conversation } = this.toConversation(record, createdBy)
    this.emit(record, createdBy, 'conversation.created', { conversation })
    return record
  }

  #join(record: ConversationRecord, userId: string, role: Membership['role']): void {
    record.memberships.set(userId, {
      role,
      joinedAt: now(),
      joinedSeq: record.messages.length,
      joinedVersion: record.events.length + 1,
      lastReadSeq: 0,
      lastDeliveredSeq: 0,
      movedAt: 0,
      draft: null,
      draftAt: 0,
    })
  }

  emit<T extends ConversationEventType>(
    record: ConversationRecord,
    actorId: string,
    type: T,
    data: ConversationEventData[T],
  ) {
    const version = record.events.length + 1
    const event = { conversationId: record.id, version, type, at: now(), actorId, data } as ConversationEvent
    record.events.push(event)
    this.onEvents([event])
    return event
  }

  invite(record: ConversationRecord, invitedBy: string, userId: string): void {
    this.invitations.set(`${record.id} ${userId}`, { record, userId, invitedBy })
    const conversation = this.toInvited(record, invitedBy)
    this.onAccount(userId, { type: 'conversation.invited', data: { conversation } })
  }

  /** Whether there was such an invitation. */
  endInvitation(record: ConversationRecord, userId: string): boolean {
    const wasThere = this.invitations.delete(`${record.id} ${userId}`)
    const data = { conversationId: record.id }
    if (wasThere) this.onAccount(userId, { type: 'conversation.invitation.ended', data })
    return wasThere
  }

  toInvited(record: ConversationRecord, invitedBy: string): Conversation {
    const { me, ...shared } = this.toConversation(record, invitedBy)
    return { ...shared, participants: [], lastMessage: null, me: { ...me, state: 'invited', invitedBy } }
  }

  addMember(record: ConversationRecord, actorId: string, userId: string): void {
    if (record.memberships.has(userId)) return
    this.#join(record, userId, 'member')
    const participant = this.#participants(record).find((one) => one.userId === userId)
    if (participant) this.emit(record, actorId, 'participant.added', { participant })
  }

  removeMember(record: ConversationRecord, actorId: string, userId: string): void {
    this.emit(record, actorId, 'participant.removed', { userId })
    record.memberships.delete(userId)
  }

  send(
    record: ConversationRecord,
    senderId: string,
    { id, text }: { id: string; text: string },
  ): { status: number; message: Message } {
    const stored = record.messages.find((message) => message.id === id)
    if (stored) return { status: 200, message: stored }
    const message = plainMessage({
      id,
      conversationId: record.id,
      seq: record.messages.length + 1,
      version: record.events.length + 1,
      senderId,
      text,
      createdAt: now(),
    })
    record.messages.push(message)
    this.emit(record, senderId, 'message.created', { message: { ...message } })
    return { status: 201, message }
  }

  edit(record: ConversationRecord, seq: number, text: string): void {
    const message = this.#change(record, seq, { text, editedAt: now() })
    if (message) this.emit(record, message.senderId, 'message.edited', { message: { ...message } })
  }

  delete(record: ConversationRecord, seq: number): void {
    const message = this.#change(record, seq, {
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
    const event = this.emit(record, message.senderId, 'message.deleted', { id: message.id, seq })
    message.deletedAt = event.at
  }

  react(record: ConversationRecord, userId: string, { seq, emoji }: { seq: number; emoji: string }): void {
    const known = record.messages[seq - 1]?.reactions.find((reaction) => reaction.emoji === emoji)
    const others = record.messages[seq - 1]?.reactions.filter((reaction) => reaction !== known) ?? []
    const before = known?.userIds ?? []
    const isAdded = !before.includes(userId)
    const userIds = isAdded ? [...before, userId] : before.filter((id) => id !== userId)
    const changed = { emoji, userIds }
    const replaced =
      record.messages[seq - 1]?.reactions.map((reaction) => (reaction === known ? changed : reaction)) ?? []
    const reactions = known ? (userIds.length > 0 ? replaced : others) : [...others, changed]
    const message = this.#change(record, seq, { reactions })
    if (!message) return
    const data = { messageId: message.id, seq, emoji, userId }
    this.emit(record, userId, isAdded ? 'reaction.added' : 'reaction.removed', data)
  }

  #change(record: ConversationRecord, seq: number, changes: Partial<Message>): Message | undefined {
    const message = record.messages[seq - 1]
    if (!message) return undefined
    const changed = { ...message, ...changes, version: record.events.length + 1 }
    record.messages[seq - 1] = changed
    return changed
  }

  moveMarker(
    record: ConversationRecord,
    userId: string,
    { readSeq = 0, deliveredSeq = 0 }: { readSeq?: number; deliveredSeq?: number },
  ) {
    const membership = record.memberships.get(userId)
    if (!membership) return
    this.#moves += 1
    membership.lastReadSeq = Math.max(membership.lastReadSeq, Math.min(readSeq, record.messages.length))
    membership.lastDeliveredSeq = Math.max(
      membership.lastDeliveredSeq,
      Math.min(Math.max(readSeq, deliveredSeq), record.messages.length),
    )
    membership.movedAt = this.#moves
  }

  /** The draft typed last stays. */
  setDraft(
    record: ConversationRecord,
    userId: string,
    { draft, draftAgeMs = 0 }: ConversationMeChange,
  ): ConversationMe {
    const membership = record.memberships.get(userId)
    if (!membership) throw new Refusal('not_found')
    const draftAt = this.clock() - draftAgeMs
    if (draftAt < membership.draftAt) return this.toConversation(record, userId).me
    this.#moves += 1
    Object.assign(membership, { draft, draftAt, movedAt: this.#moves })
    const { me } = this.toConversation(record, userId)
    this.onAccount(userId, { type: 'conversation.me', data: { conversationId: record.id, me } })
    return me
  }

  get changeCount(): number {
    return this.#moves
  }

  toPublic(userId: string): PublicUser {
    const person = this.people.get(userId)
    if (!person) throw new Error('No such person')
    const { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt, version = 0 } = person
    return { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt, version }
  }

  toConversation(record: ConversationRecord, userId: string): Conversation {
    return toConversation(record, { userId, participants: this.#participants(record) })
  }

  #participants(record: ConversationRecord): Participant[] {
    return [...record.memberships]
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
