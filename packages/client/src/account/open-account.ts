import type { Me } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { TokenSource } from '../api/token-source.ts'
import { type Connection, createConnection } from '../connection/create-connection.ts'
import { type ConversationViews, createConversationViews } from '../conversations/conversation-views.ts'
import type { Exclusive } from '../exclusive.ts'
import { createMarkers, type Markers } from '../markers/create-markers.ts'
import { createHistory } from '../messages/create-history.ts'
import { createMessageLists, type MessageLists } from '../messages/create-message-lists.ts'
import { createOutbox, type Outbox } from '../outbox/create-outbox.ts'
import { openPeople, type People } from '../people/create-people.ts'
import { createPresence, type Presence } from '../presence/create-presence.ts'
import { createTyping, type Typing } from '../presence/create-typing.ts'
import { createTypingNotices, type TypingNotices } from '../presence/create-typing-notices.ts'
import { connectRealtime, type Realtime } from '../realtime/connect-realtime.ts'
import type { NetworkSource } from '../realtime/network-source.ts'
import { openReplica, type Replica, type Touched } from '../replica/replica.ts'
import type { Database } from '../store/store.ts'
import { SyncEngine } from '../sync/sync-engine.ts'
import type { Timing } from '../timing.ts'
import { createTransport } from '../transport.ts'
import { createServerHandlers } from './server-handlers.ts'
import type { ClientTopics } from './topics.ts'
import { whenApplied } from './when-applied.ts'

export interface AccountOptions {
  me: Me
  baseUrl: string
  api: Api
  tokens: TokenSource
  database: Database
  exclusive: Exclusive
  network: NetworkSource
  timing: Timing
  topics: ClientTopics
  /** My own profile was changed elsewhere. */
  onProfileChanged: () => void
  onError: (error: unknown) => void
}

/** All that belongs to one signed-in person, from the store to the socket. */
export interface Account {
  api: Api
  replica: Replica
  engine: SyncEngine
  connection: Connection
  views: ConversationViews
  lists: MessageLists
  outbox: Outbox
  markers: Markers
  people: People
  presence: Presence
  typing: Typing
  notices: TypingNotices
  close(): Promise<void>
}

/** Shows what the device keeps, then connects. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const { api, tokens, database, network, timing, topics } = options
  const ending = new AbortController()
  const { signal } = ending
  let realtime: Realtime | null = null
  const link = () => realtime
  const onError = (error: unknown) => {
    if (!signal.aborted) options.onError(error)
  }

  const people = await openPeople({ api, database, me: options.me, publish: peopleChanged, onError })
  const replica = await openReplica({ me: options.me.id, database, onTouched, onError })
  const typing = createTyping({ me: replica.me, publish: typingChanged })
  const views = createConversationViews({
    me: replica.me,
    memory: replica.memory,
    typingIn: typing.in,
    person: people.recent,
  })
  for (const { conversation } of replica.memory.conversations.values()) people.offerFrom(conversation)

  const shared = { api, replica, signal, timing, network, onError, transport: createTransport(api, link) }
  const history = createHistory(shared)
  const lists = createMessageLists({ ...shared, history, topics: topics.messages, isCaughtUp })
  const engine = new SyncEngine({ ...shared, onApplied: (events) => applied(events) })
  const markers = createMarkers({ ...shared, refetch: (id) => engine.refetch(id) })
  const outbox = createOutbox({ ...shared, exclusive: options.exclusive })
  const presence = createPresence(link, topics.presence.publish)
  const notices = createTypingNotices(link, timing.typingMs)
  const connection = createConnection({
    ...shared,
    sync: () => engine.sync(),
    onCaughtUp: () => {
      outbox.wake()
      markers.flush()
      lists.refill()
      topics.conversations.publish()
    },
    publish: topics.connection.publish,
  })
  const applied = whenApplied({ me: replica.me, history, typing, markers, people })

  realtime = connectRealtime({
    baseUrl: options.baseUrl,
    tokens,
    network,
    timing,
    handlers: createServerHandlers({ ...options, engine, connection, typing, presence, people }),
    onState(state) {
      if (state === 'ready') {
        presence.connected()
        outbox.wake()
      } else {
        presence.disconnected()
        typing.clear()
      }
      connection.socketIs(state)
    },
  })
  return {
    api,
    replica,
    engine,
    connection,
    views,
    lists,
    outbox,
    markers,
    people,
    presence,
    typing,
    notices,
    async close() {
      ending.abort()
      realtime?.stop()
      typing.clear()
      await replica.close()
    },
  }

  function isCaughtUp() {
    return connection.state === 'online'
  }
  function onTouched({ conversations, messages }: Touched) {
    views.changed(conversations)
    for (const id of messages) lists.changed(id)
    if (conversations.size > 0) topics.conversations.publish()
  }
  function peopleChanged() {
    views.allChanged()
    topics.people.publish()
    topics.conversations.publish()
  }
  function typingChanged(id: string) {
    views.changed([id])
    topics.typing.publish(id)
    topics.conversations.publish()
  }
}
