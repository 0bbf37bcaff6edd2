import type { Me, PublicUser } from '@finnigram/contracts'
import type { Api, TokenSource } from './api/create-api.ts'
import { Connection } from './connection/connection.ts'
import type { RealtimeState } from './connection/connection-states.ts'
import type { NetworkSource } from './connection/network-source.ts'
import { connectRealtime, type Realtime } from './connection/reconnecting-socket.ts'
import { createTransport } from './connection/transport.ts'
import { type ConversationViews, createConversationViews } from './conversations/conversation-views.ts'
import type { Clock } from './conversations/draft-age.ts'
import { Drafts } from './conversations/drafts.ts'
import { type Invitations, openInvitations } from './conversations/invitations.ts'
import { Markers } from './conversations/markers.ts'
import type { CrossTabLock } from './cross-tab-lock.ts'
import { createHistory } from './messages/history.ts'
import { createMessageLists, type MessageLists } from './messages/message-list.ts'
import { Outbox } from './messages/outbox.ts'
import { createPeople, type People } from './people/people.ts'
import { createPresence, type Presence } from './people/presence.ts'
import { createTyping, createTypingNotices, type Typing, type TypingNotices } from './people/typing.ts'
import { openReplica, type Replica, type Touched } from './replica/replica.ts'
import type { Database } from './replica/store.ts'
import { createServerHandlers, onEventsApplied } from './server-handlers.ts'
import type { ClientTopics } from './subscriptions.ts'
import { SyncEngine } from './sync/sync-engine.ts'
import type { Timing } from './timing.ts'

export interface SignedInClientOptions {
  me: Me
  baseUrl: string
  api: Api
  tokens: TokenSource
  database: Database
  crossTabLock: CrossTabLock
  network: NetworkSource
  timing: Timing
  clock: Clock
  topics: ClientTopics
  /** The own profile was changed on another device. */
  onProfileChanged: () => void
  onError: (error: unknown) => void
}

interface Opened {
  invitations: Invitations
  people: People
  replica: Replica
}

/**
 * All that belongs to one signed-in person, from the store to the socket. It wires the features
 * together and passes events between them; nothing else knows them all.
 */
export class SignedInClient {
  readonly api: Api
  readonly people: People
  readonly invitations: Invitations
  readonly replica: Replica
  readonly views: ConversationViews
  readonly lists: MessageLists
  readonly engine: SyncEngine
  readonly markers: Markers
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly presence: Presence
  readonly typing: Typing
  readonly notices: TypingNotices
  readonly connection: Connection
  readonly #topics: ClientTopics
  readonly #ending: AbortController
  readonly #realtime: Realtime

  /** Reads what the device keeps, then connects. */
  static async open(options: SignedInClientOptions): Promise<SignedInClient> {
    const { api, database, me, topics } = options
    const ending = new AbortController()
    const onError = (error: unknown) => {
      if (!ending.signal.aborted) options.onError(error)
    }
    const replica = await openReplica({ me: me.id, database, onError })
    const people = createPeople({ api, replica, signal: ending.signal, timing: options.timing, onError })
    people.ingest([toPublicUser(me)])
    const { memory } = replica
    const publish = topics.invitations.publish
    const invitations = await openInvitations({ api, database, memory, people, publish, onError })
    return new SignedInClient({ ...options, onError }, { people, replica, invitations }, ending)
  }

  private constructor(
    options: SignedInClientOptions,
    { people, replica, invitations }: Opened,
    ending: AbortController,
  ) {
    const { api, network, timing, topics } = options
    const link = () => this.#realtime
    const shared = { ...options, replica, signal: ending.signal, transport: createTransport(api, link) }
    const history = createHistory(shared)
    const isCaughtUp = () => this.connection.state === 'online'
    const applied = onEventsApplied(() => ({ ...this, me: replica.me, history }))

    this.api = api
    this.people = people
    this.invitations = invitations
    this.replica = replica
    this.#topics = topics
    this.#ending = ending
    this.typing = createTyping({ me: replica.me, publish: (id) => this.#typingChanged(id) })
    this.views = createConversationViews({ ...replica, typingIn: this.typing.in, person: people.get })
    this.lists = createMessageLists({ ...shared, history, topics: topics.messages, isCaughtUp })
    this.engine = new SyncEngine({
      ...shared,
      onApplied: applied,
      onInvited: (ids) => invitations.synced(ids),
    })
    this.markers = new Markers({ ...shared, refetch: (id) => this.engine.refetch(id) })
    this.outbox = new Outbox(shared)
    this.drafts = new Drafts(shared)
    this.presence = createPresence(link, topics.presence.publish)
    this.notices = createTypingNotices(link, timing.typingMs)
    this.connection = new Connection({
      ...shared,
      sync: () => this.engine.sync(),
      onCaughtUp: () => this.#caughtUp(),
      publish: topics.connection.publish,
    })
    replica.listen((touched) => this.#touched(touched))
    ending.signal.addEventListener(
      'abort',
      topics.people.subscribe(() => this.#peopleChanged()),
    )
    const handlers = createServerHandlers({ ...options, ...this })
    this.#realtime = connectRealtime({
      ...options,
      network,
      handlers,
      onState: (state) => this.#socketIs(state),
    })
  }

  async close(): Promise<void> {
    this.#ending.abort()
    this.#realtime.stop()
    this.typing.clear()
    await this.replica.close()
  }

  #socketIs(state: RealtimeState): void {
    if (state === 'ready') {
      this.presence.connected()
      this.outbox.wake()
    } else {
      this.presence.disconnected()
      this.typing.clear()
    }
    this.connection.socketIs(state)
  }

  #caughtUp(): void {
    this.outbox.wake()
    this.markers.flush()
    this.drafts.flush()
    this.lists.refill()
    this.#topics.conversations.publish()
  }

  #touched({ conversations, messages, people }: Touched): void {
    if (people !== undefined && people.size > 0) this.#topics.people.publish()
    this.views.changed(conversations)
    for (const id of messages) this.lists.changed(id)
    if (conversations.size === 0) return
    this.invitations.refresh()
    this.#topics.conversations.publish()
  }

  #typingChanged(id: string): void {
    this.views.changed([id])
    this.#topics.typing.publish(id)
    this.#topics.conversations.publish()
  }

  #peopleChanged(): void {
    this.views.allChanged()
    this.invitations.refresh()
    this.#topics.conversations.publish()
  }
}

/** The public part of the own profile: private fields are not kept among people. */
export function toPublicUser(me: Me): PublicUser {
  const { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt, version } = me
  const shown = { id, username, displayName, bio, avatarUrl, createdAt, lastSeenAt }
  return version === undefined ? shown : { ...shown, version }
}
