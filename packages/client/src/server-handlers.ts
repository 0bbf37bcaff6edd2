import type {
  Conversation,
  ConversationEvent,
  ConversationMe,
  PublicUser,
  ServerEventData,
} from '@finnigram/contracts'
import type { Connection } from './connection/connection.ts'
import type { ServerHandlers } from './connection/socket-link.ts'
import type { Invitations } from './conversations/invitations.ts'
import type { Markers } from './conversations/markers.ts'
import type { History } from './messages/history.ts'
import type { People } from './people/people.ts'
import type { Presence } from './people/presence.ts'
import type { Typing } from './people/typing.ts'
import type { SyncEngine } from './sync/sync-engine.ts'

export interface ServerHandlersOptions {
  me: { id: string }
  engine: SyncEngine
  connection: Connection
  typing: Typing
  presence: Presence
  people: People
  invitations: Invitations
  onProfileChanged: () => void
}

/** What to do with each event of the socket. */
export function createServerHandlers(options: ServerHandlersOptions): ServerHandlers {
  const { engine, connection, typing, presence } = options
  return {
    events: (events) => engine.receive({ events }),
    marker: (marker) => engine.receive({ marker }),
    typing: (notice) => typing.update(notice),
    presence: (update) => presence.update(update),
    resync: ({ reason }) => connection.resync(reason),
    account: (update) => accountHandlers[update.type]?.(options, update.data),
  }
}

type AccountData = ServerEventData['account']['data']
type AccountHandler = (options: ServerHandlersOptions, data: AccountData) => void

/** Events for this person's own devices. A type that this version does not know is ignored. */
const accountHandlers: Partial<Record<string, AccountHandler>> = {
  'conversation.me': ({ engine }, data) => {
    if (typeof data['conversationId'] !== 'string' || !data['me']) return
    engine.receive({ mine: { conversationId: data['conversationId'], me: data['me'] as ConversationMe } })
  },
  'conversation.invited': ({ invitations }, data) => {
    const invitation = data['conversation'] as Conversation | undefined
    if (invitation) invitations.arrived(invitation)
  },
  'conversation.invitation.ended': ({ invitations }, data) => {
    if (typeof data['conversationId'] === 'string') invitations.ended(data['conversationId'])
  },
  'user.updated': ({ me, people, onProfileChanged }, data) => {
    const user = data['user'] as PublicUser | undefined
    if (!user) return
    people.ingest([user])
    if (user.id === me.id) onProfileChanged()
  },
}

interface AppliedEventListeners {
  me: string
  history: History
  typing: Typing
  markers: Markers
}

/**
 * Effects of events once they are stored: their senders stopped typing, and the messages are
 * acknowledged as delivered.
 */
export function onEventsApplied(listeners: () => AppliedEventListeners) {
  return (events: readonly ConversationEvent[]): void => {
    const { me, history, typing, markers } = listeners()
    history.noteApplied(events)
    const delivered = new Set<string>()
    for (const event of events) {
      if (event.type !== 'message.created') continue
      const { conversationId, senderId } = event.data.message
      typing.update({ conversationId, userId: senderId, active: false })
      if (senderId !== me) delivered.add(conversationId)
    }
    for (const id of delivered) markers.delivered(id)
  }
}
