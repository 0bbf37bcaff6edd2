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

/** The signed-in user. Throws outside the signed-in app. */
export function useMe() {
  const { user } = useSession()
  if (user === undefined) throw new Error('useMe needs a signed-in session')
  return user
}

export const useConnection = (): ConnectionState =>
  useSubscription(useClient().connection, (connection) => connection.state)

export const useConversations = (): readonly ConversationView[] =>
  useSubscription(useClient().conversations, (conversations) => conversations.list())

/** Unsent texts of conversations that are gone. */
export const useUnsent = (): readonly Unsent[] =>
  useSubscription(useClient().conversations, (conversations) => conversations.unsent())

/** False until the local store was read: an empty list may then still fill. */
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

/** Watches a person's presence while mounted. */
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

/** Presence is read as a string, because `useSyncExternalStore` compares by identity. */
function readPresence(written: string): PresenceView {
  const [status, lastSeenAt] = written.split(' ')
  const known = status === 'online' || status === 'away' || status === 'offline'
  return { status: known ? status : 'unknown', lastSeenAt: lastSeenAt || null }
}

type Subscribable = { subscribe: (listener: () => void) => () => void }

/**
 * Subscribes to a part of the client. `read` must return the same value until that part changes.
 */
export function useSubscription<T extends Subscribable, Value>(topic: T, read: (topic: T) => Value): Value {
  const subscribe = useCallback((listener: () => void) => topic.subscribe(listener), [topic])
  return useSyncExternalStore(subscribe, () => read(topic))
}
