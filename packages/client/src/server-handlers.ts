import type { Conversation, ConversationMe, PublicUser, ServerEventData } from '@finnigram/contracts'
import type { Connection } from './connection/connection.ts'
import type { ServerHandlers } from './connection/socket-link.ts'
import type { Invitations } from './conversations/invitations.ts'
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

/** What to do with each thing the server tells over the socket. */
export function createServerHandlers(options: ServerHandlersOptions): ServerHandlers {
  const { engine, connection, typing, presence } = options
  return {
    events: (events) => engine.receive({ events }),
    marker: (marker) => engine.receive({ marker }),
    typing: (notice) => typing.heard(notice),
    presence: (news) => presence.heard(news),
    resync: ({ reason }) => connection.resync(reason),
    account: (news) => accountHandlers[news.type]?.(options, news.data),
  }
}

type AccountData = ServerEventData['account']['data']
type AccountHandler = (options: ServerHandlersOptions, data: AccountData) => void

/** Facts for this person's own devices. A type this version does not know is left alone. */
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
    people.take([user])
    if (user.id === me.id) onProfileChanged()
  },
}
