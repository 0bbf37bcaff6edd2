import type {
  ConnectionState,
  ConversationView,
  InvitationView,
  MessagesSnapshot,
  PresenceView,
  SessionState,
  StorageState,
  Unsent,
} from '@finnigram/client'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { useClient } from './client-provider.tsx'

export const useSession = (): SessionState => useSubscription(useClient().session, (session) => session.state)

export const useStorage = (): StorageState => useSubscription(useClient().storage, (storage) => storage.state)

/** Who I am; only inside the signed-in part of the app. */
export function useMe() {
  const { user } = useSession()
  if (user === undefined) throw new Error('useMe needs a signed-in session')
  return user
}

export const useConnection = (): ConnectionState =>
  useSubscription(useClient().connection, (connection) => connection.state)

export const useConversations = (): readonly ConversationView[] =>
  useSubscription(useClient().conversations, (conversations) => conversations.list())

/** What was typed in chats that are gone, and never went out. */
export const useUnsent = (): readonly Unsent[] =>
  useSubscription(useClient().conversations, (conversations) => conversations.unsent())

/** False until what the device keeps was read: an empty list is then not yet known to be empty. */
export const useConversationsLoaded = (): boolean =>
  useSubscription(useClient().conversations, (conversations) => conversations.loaded)

export const useConversation = (id: string): ConversationView | undefined =>
  useSubscription(useClient().conversations, (conversations) => conversations.get(id))

export const useInvitations = (): readonly InvitationView[] =>
  useSubscription(useClient().invitations, (invitations) => invitations.list())

export const useInvitation = (id: string): InvitationView | undefined =>
  useSubscription(useClient().invitations, (invitations) => invitations.get(id))

export const useMessages = (conversationId: string): MessagesSnapshot =>
  useSubscription(useClient().messages(conversationId), (messages) => messages.snapshot())

export const useTyping = (conversationId: string): readonly string[] =>
  useSubscription(useClient().typing(conversationId), (typing) => typing.snapshot())

/** Watches a person for as long as they are on screen. */
export function usePresence(userId: string | undefined): PresenceView {
  const { presence } = useClient()
  useEffect(() => (userId === undefined ? undefined : presence.watch([userId])), [presence, userId])
  const written = useSubscription(presence, (part) => {
    const { status, lastSeenAt } = userId === undefined ? unknown : part.get(userId)
    return `${status} ${lastSeenAt ?? ''}`
  })
  return readPresence(written)
}

const unknown: PresenceView = { status: 'unknown', lastSeenAt: null }

/** Presence travels through the store as a text, because two equal texts are the same value. */
function readPresence(written: string): PresenceView {
  const [status, lastSeenAt] = written.split(' ')
  const known = status === 'online' || status === 'away' || status === 'offline'
  return { status: known ? status : 'unknown', lastSeenAt: lastSeenAt || null }
}

type Subscribable = { subscribe: (listener: () => void) => () => void }

/** What `read` says of a part of the client, and again whenever that part says it changed. `read` must answer with the same value until then. */
export function useSubscription<T extends Subscribable, Value>(topic: T, read: (topic: T) => Value): Value {
  const subscribe = useCallback((listener: () => void) => topic.subscribe(listener), [topic])
  return useSyncExternalStore(subscribe, () => read(topic))
}
