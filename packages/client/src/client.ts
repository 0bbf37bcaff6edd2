import type {
  FieldError,
  GroupInvitation,
  InvitePreview,
  NewPushDevice,
  Participant,
  PublicUser,
  RouteReply,
  realtimeApi,
} from '@finnigram/contracts'
import type { Api } from './api/create-api.ts'
import type { Unsent } from './messages/outbox-entry.ts'
import type { SessionApi } from './session/session-state.ts'
import type { Subscribe, Unsubscribe } from './subscriptions.ts'
import type {
  ConnectionState,
  ConversationView,
  InvitationView,
  MessagesSnapshot,
  PresenceView,
} from './views.ts'

export type { FieldError }

export interface ConnectionApi {
  readonly state: ConnectionState
  subscribe: Subscribe
}

/** Whether data outlives this run of the app; both are true until the device refuses. */
export interface StorageState {
  /** The session. */
  readonly session: boolean
  /** Messages that were fetched, and those that wait to be sent. */
  readonly messages: boolean
}

export interface StorageApi {
  /** The same object until it changes. */
  readonly state: StorageState
  subscribe: Subscribe
}

export interface NewGroup {
  /** A UUIDv7. The same again, after an answer that did not come, makes no second group. */
  id?: string
  title: string
  userIds: string[]
}

export interface ConversationsApi {
  /** Pinned first, then latest activity. The same array until something changes. */
  list(): readonly ConversationView[]
  get(id: string): ConversationView | undefined
  /** Called when `list()` changed. */
  subscribe: Subscribe
  /** True once the store was read: an empty list is then really empty. */
  readonly loaded: boolean
  createDirect(userId: string): Promise<ConversationView>
  createGroup(group: NewGroup): Promise<ConversationView>
  /**
   * I have read up to `seq`. Stored at once, sent at most every 300 ms, also after being offline.
   */
  markRead(id: string, seq: number): void
  /**
   * Stored at once, uploaded once typing rests. `before`: the field's text until now; if it was
   * superseded, this text replaces it.
   */
  setDraft(id: string, text: string, before?: string): void
  /**
   * Removes the draft that was typed here, because it was sent or discarded. A newer one of another
   * device stays.
   */
  clearDraft(id: string, typed: string): void
  /**
   * Keeps the text of an open field in `supersededDrafts`, because another device has a newer
   * draft.
   */
  keepSuperseded(id: string, typed: string): void
  /** The texts were taken back into the field, or discarded. */
  discardSuperseded(id: string): void
  /**
   * Texts that were never sent, of conversations that are gone: latest first, until discarded. The
   * same array until something changes.
   */
  unsent(): readonly Unsent[]
  discardUnsent(id: string): void
  /** All participants; `ConversationView.participants` has them from then on. */
  loadParticipants(id: string): Promise<Participant[]>
  addParticipants(id: string, userIds: string[]): Promise<void>
  removeParticipant(id: string, userId: string): Promise<void>
  leave(id: string): Promise<void>
  rename(id: string, title: string): Promise<void>
  /** What an invite leads to. Throws `ApiProblem` (`not_found`, `gone`, `removed_from_group`). */
  previewInvite(code: string): Promise<InvitePreview>
  acceptInvite(code: string): Promise<ConversationView>
}

/** Invitations to groups: those that I got, and those that my groups sent. */
export interface InvitationsApi {
  /** Newest first. The same array until something changes. */
  list(): readonly InvitationView[]
  get(id: string): InvitationView | undefined
  /** Called when `list()` changed. */
  subscribe: Subscribe
  /**
   * Joins. Throws `ApiProblem` (`not_found`: it was withdrawn, `conflict`: the group is full) or
   * `NetworkProblem`.
   */
  accept(id: string): Promise<ConversationView>
  /**
   * Declines; the group cannot invite again for a month. Throws `ApiProblem` (`not_found`: it was
   * withdrawn) or `NetworkProblem`.
   */
  decline(id: string): Promise<void>
  /**
   * Blocks the person who invited, which ends the invitation. Throws `ApiProblem` or
   * `NetworkProblem`.
   */
  block(id: string, invitedBy: string): Promise<void>
  /** Open invitations of a group that I manage. Throws `ApiProblem` (`forbidden`). */
  sent(conversationId: string): Promise<GroupInvitation[]>
  withdraw(conversationId: string, userId: string): Promise<void>
}

/** The messages of one conversation. The same object for the same id. */
export interface MessagesApi {
  /** The same object until something changes. */
  snapshot(): MessagesSnapshot
  subscribe: Subscribe
  /** Adds a page of older messages. Throws when the server had to be asked and did not answer. */
  loadBefore(): Promise<void>
  /** Adds a page of newer messages. Throws when the server had to be asked and did not answer. */
  loadAfter(): Promise<void>
  /**
   * Shows what is around the first unread message, or the newest ones. Throws when the server had
   * to be asked and did not answer.
   */
  openAt(anchor: 'newest' | 'unread'): Promise<void>
  /**
   * The person scrolled: messages that were opened offline are not replaced once the server
   * answers.
   */
  stay(): void
  /** Returns at once; the outbox stores the message and sends it, in order and once. */
  send(input: { text: string; replyToId?: string }): void
  /** Tries a failed message again. */
  retry(id: string): void
  /** Gives up a failed or waiting message. */
  discard(id: string): void
}

export interface TypingApi {
  /** Who is writing, without me. The same array until it changes. */
  snapshot(): readonly string[]
  subscribe: Subscribe
  /** I am typing: call at every key; the others are notified every 3 s at most. */
  notify(): void
}

export interface PresenceApi {
  get(userId: string): PresenceView
  /** Asks for the presence of people on screen (at most 500 at once); returns how to stop. */
  watch(userIds: string[]): Unsubscribe
  subscribe: Subscribe
}

export interface PeopleApi {
  search(query: string): Promise<PublicUser[]>
  get(userId: string): PublicUser | undefined
  /**
   * Looks up people who are shown and unknown, or whose changes no event tells because they left.
   */
  meet(ids: Iterable<string>): void
  /** Asks the server for people by id; unknown ids are left out. */
  lookup(ids: string[]): Promise<PublicUser[]>
  subscribe: Subscribe
}

/** How far a test notification got, hop by hop. */
export type PushTest = RouteReply<typeof realtimeApi.testPush>

/** Push notifications of this device. */
export interface PushApi {
  /** What a browser's `pushManager.subscribe` takes as `applicationServerKey`: base64url. */
  getKey(): Promise<string>
  /**
   * Registers this device until the session ends; `deviceId` is the device's own choice. Throws
   * `ApiProblem` (`validation_failed`, `conflict`: 50 devices at most).
   */
  putDevice(deviceId: string, device: NewPushDevice): Promise<void>
  deleteDevice(deviceId: string): Promise<void>
  /**
   * Sends one notification to this device by all the ways a real one goes. Throws `ApiProblem`
   * (`not_found`, `rate_limited`).
   */
  test(deviceId: string): Promise<PushTest>
}

/** One person's chat on one device. Nothing happens before `start()`. */
export interface Client {
  readonly api: Api
  readonly session: SessionApi
  readonly connection: ConnectionApi
  readonly conversations: ConversationsApi
  readonly invitations: InvitationsApi
  messages(conversationId: string): MessagesApi
  typing(conversationId: string): TypingApi
  readonly presence: PresenceApi
  readonly people: PeopleApi
  readonly push: PushApi
  readonly storage: StorageApi
  start(): void
  /** Closes the connection and the store; `start()` resumes. */
  stop(): Promise<void>
}
