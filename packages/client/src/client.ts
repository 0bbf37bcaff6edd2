import type {
  FieldError,
  GroupInvitation,
  InvitePreview,
  Me,
  NewPushDevice,
  Participant,
  PublicUser,
  RouteBodyInput,
  RouteReply,
  realtimeApi,
  usersApi,
} from '@finnigram/contracts'
import type { Api } from './api/create-api.ts'
import type { Unsent } from './messages/outbox-entry.ts'
import type { SessionState } from './session/session-state.ts'
import type { Unsubscribe } from './topics.ts'
import type {
  ConnectionState,
  ConversationView,
  InvitationView,
  MessagesSnapshot,
  PresenceView,
} from './views.ts'

export type { FieldError }

type Subscribe = (listener: () => void) => Unsubscribe

/** What the person typed into the sign-up form. */
export type RegisterInput = Omit<RouteBodyInput<typeof usersApi.register>, 'device'>
export type LoginInput = Omit<RouteBodyInput<typeof usersApi.login>, 'device'>
export type ProfileChanges = RouteBodyInput<typeof usersApi.updateMe>
/** My password and, where the second factor is on, a code of the authenticator app or a recovery code. */
export type Proof = RouteBodyInput<typeof usersApi.deleteMe>
/** What the authenticator app is told: the secret to type in, and a URI to open it with. */
export type TotpSecret = RouteReply<typeof usersApi.startTotp>

export interface SessionApi {
  readonly state: SessionState
  subscribe: Subscribe
  /** Throws `ApiProblem` (`username_taken`, `email_taken`, `validation_failed` with `errors`) or `NetworkProblem`. */
  register(input: RegisterInput): Promise<Me>
  /** Throws `ApiProblem` (`invalid_credentials`, `totp_required`: ask for a code and give it as `totp`, `rate_limited`) or `NetworkProblem`. */
  login(input: LoginInput): Promise<Me>
  /**
   * Wipes what this device kept, and ends the session. Works offline, too: the server is told once it is there.
   * Resolves when it was asked for the first time, after 5 s at most.
   */
  logout(): Promise<void>
  /**
   * Another `email` needs `password`, and `totp` where the second factor is on; it waits as `pendingEmail` where a proven
   * one is to be replaced. Throws `ApiProblem` (`reauthentication_required`, `totp_required`, `invalid_credentials` with
   * the wrong field in `errors`, `email_taken`).
   */
  updateMe(patch: ProfileChanges): Promise<Me>
  /** Begins a second factor; it counts for nothing until `confirmTotp`. Throws `ApiProblem` (`invalid_credentials`, `conflict`). */
  startTotp(password: string): Promise<TotpSecret>
  /** Turns the second factor on; returns the recovery codes, which are never shown again. Throws `ApiProblem` (`invalid_credentials`). */
  confirmTotp(code: string): Promise<string[]>
  /** Turns the second factor off. Throws `ApiProblem` (`invalid_credentials`, `totp_required`). */
  endTotp(proof: Proof): Promise<void>
  /** Deletes my account, and what this device kept of it. Throws `ApiProblem` (`invalid_credentials`, `totp_required`). */
  deleteAccount(proof: Proof): Promise<void>
  /** Has a link mailed that sets a new password, if the address belongs to an account. */
  forgotPassword(email: string): Promise<void>
  /** Sets a new password with a mailed token. Throws `ApiProblem` (`gone`, `validation_failed`). */
  resetPassword(input: { token: string; newPassword: string }): Promise<void>
  /** Proves an e-mail address with a mailed token. Throws `ApiProblem` (`gone`). */
  verifyEmail(token: string): Promise<void>
  /** Has the token that proves my address mailed again. */
  resendVerification(): Promise<void>
}

export interface ConnectionApi {
  readonly state: ConnectionState
  subscribe: Subscribe
}

/** What outlives this run of the app; both are true until the device refuses. */
export interface StorageState {
  /** Who is signed in stays signed in. */
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
  /** Told when `list()` changed. */
  subscribe: Subscribe
  /** True once what the device keeps was read: an empty list is then really empty. */
  readonly loaded: boolean
  createDirect(userId: string): Promise<ConversationView>
  createGroup(group: NewGroup): Promise<ConversationView>
  /** I have read up to `seq`. Kept at once, sent at most every 300 ms, also after being offline. */
  markRead(id: string, seq: number): void
  /**
   * Kept at once; my other devices have it once it rests. `before`: what was typed here until now, in the same field: what
   * was superseded of it lives on in this text.
   */
  setDraft(id: string, text: string, before?: string): void
  /**
   * Takes out what was typed here: sent, or given up. A draft that came from another device
   * meanwhile stays.
   */
  clearDraft(id: string, typed: string): void
  /**
   * An open field holds this, and another device has a newer draft: it is kept on this device, as
   * `supersededDrafts`.
   */
  keepSuperseded(id: string, typed: string): void
  /** Taken back into the field, or given up. */
  discardSuperseded(id: string): void
  /**
   * What was typed in conversations that are gone, and never went out: latest first, until it is
   * discarded. The same array until something changes.
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

/** Groups that wait for my answer, and people who were asked to join mine. */
export interface InvitationsApi {
  /** Newest first. The same array until something changes. */
  list(): readonly InvitationView[]
  get(id: string): InvitationView | undefined
  /** Told when `list()` changed. */
  subscribe: Subscribe
  /** Joins. Throws `ApiProblem` (`not_found`: it was withdrawn, `conflict`: the group is full) or `NetworkProblem`. */
  accept(id: string): Promise<ConversationView>
  /** The group asks no more for a month. Throws `ApiProblem` (`not_found`: it was withdrawn) or `NetworkProblem`. */
  decline(id: string): Promise<void>
  /** Blocks who asked, with which the invitation ends. Throws `ApiProblem` or `NetworkProblem`. */
  block(id: string, invitedBy: string): Promise<void>
  /** Whom a group that I manage has asked, and who has not answered. Throws `ApiProblem` (`forbidden`). */
  sent(conversationId: string): Promise<GroupInvitation[]>
  withdraw(conversationId: string, userId: string): Promise<void>
}

/** The messages of one conversation. The same object for the same id. */
export interface MessagesPart {
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
   * The person scrolled: messages that were opened without the server are not replaced once it
   * answers.
   */
  stay(): void
  /** Returns at once; the message is kept on the device and goes out in order, by itself, once. */
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
  /** I am writing: call at every key; tells the others at most every 3 s. */
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
   * Has people looked up who are shown and whom this device does not know, or knows from long ago;
   * `subscribe` tells when they come.
   */
  meet(ids: Iterable<string>): void
  /** Asks the server for people by id; unknown ids are left out. */
  lookup(ids: string[]): Promise<PublicUser[]>
  subscribe: Subscribe
}

/** Where a test notification got to, hop by hop. */
export type PushTest = RouteReply<typeof realtimeApi.testPush>

/** Notifications of this device, while nobody looks at the app. */
export interface PushApi {
  /** What a browser's `pushManager.subscribe` takes as `applicationServerKey`: base64url. */
  getKey(): Promise<string>
  /** Has this device notified until the session ends; `deviceId` is the device's own choice. Throws `ApiProblem` (`validation_failed`, `conflict`: 50 devices are the most). */
  putDevice(deviceId: string, device: NewPushDevice): Promise<void>
  deleteDevice(deviceId: string): Promise<void>
  /** Sends one notification to this device by all the ways a real one goes. Throws `ApiProblem` (`not_found`, `rate_limited`). */
  test(deviceId: string): Promise<PushTest>
}

/** One person's chat on one device. Nothing happens before `start()`. */
export interface Client {
  readonly api: Api
  readonly session: SessionApi
  readonly connection: ConnectionApi
  readonly conversations: ConversationsApi
  readonly invitations: InvitationsApi
  messages(conversationId: string): MessagesPart
  typing(conversationId: string): TypingApi
  readonly presence: PresenceApi
  readonly people: PeopleApi
  readonly push: PushApi
  readonly storage: StorageApi
  start(): void
  /** Closes the connection and the store; `start()` resumes. */
  stop(): Promise<void>
}
