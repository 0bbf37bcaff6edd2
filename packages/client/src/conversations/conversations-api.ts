import {
  type Conversation,
  type GroupInvitation,
  messagesApi,
  newId,
  type Participant,
  usersApi,
} from '@finnigram/contracts'
import { ApiProblem, localProblem } from '../api/problems.ts'
import type { ConversationsApi, InvitationsApi, NewGroup } from '../client.ts'
import type { SignedInClient } from '../signed-in-client.ts'
import type { ClientTopics } from '../subscriptions.ts'
import type { ConversationView, InvitationView } from '../views.ts'

export interface FeatureApiOptions {
  signedIn: () => SignedInClient | null
  topics: ClientTopics
  onError: (error: unknown) => void
}

const noUnsent: ReturnType<ConversationsApi['unsent']> = []
const none: ReturnType<ConversationsApi['list']> = []

export function createConversationsApi({ signedIn, topics, onError }: FeatureApiOptions): ConversationsApi {
  const calls = (): ReturnType<typeof conversationCalls> => {
    const current = signedIn()
    if (!current) throw localProblem('unauthenticated')
    return conversationCalls(current)
  }
  return {
    list: () => signedIn()?.views.list() ?? none,
    get: (id) => signedIn()?.views.get(id),
    subscribe: topics.conversations.subscribe,
    get loaded() {
      const current = signedIn()
      return (
        current !== null && (current.replica.memory.cursor !== undefined || current.views.list().length > 0)
      )
    },
    createDirect: async (userId) => calls().createDirect(userId),
    createGroup: async (input) => calls().createGroup(input),
    markRead: (id, seq) => signedIn()?.markers.read(id, seq),
    setDraft(id, text, before) {
      // A screen may call this while it closes because of a logout.
      if (signedIn()) calls().setDraft(id, text, before).catch(onError)
    },
    clearDraft(id, typed) {
      if (signedIn()) calls().clearDraft(id, typed).catch(onError)
    },
    keepSuperseded(id, typed) {
      if (signedIn()) calls().keepSuperseded(id, typed).catch(onError)
    },
    discardSuperseded(id) {
      if (signedIn()) calls().discardSuperseded(id).catch(onError)
    },
    unsent: () => signedIn()?.replica.memory.unsent ?? noUnsent,
    discardUnsent(id) {
      signedIn()
        ?.replica.transact((transaction) => transaction.putUnsent(id, undefined))
        .catch(onError)
    },
    loadParticipants: async (id) => calls().loadParticipants(id),
    addParticipants: async (id, userIds) => calls().addParticipants(id, userIds),
    removeParticipant: async (id, userId) => calls().removeParticipant(id, userId),
    leave: async (id) => calls().removeParticipant(id, signedIn()?.replica.me ?? ''),
    previewInvite: async (code) => calls().previewInvite(code),
    acceptInvite: async (code) => calls().acceptInvite(code),
    rename: async (id, title) => calls().rename(id, title),
  }
}

/** Commands. The answer of each call is part of the replica when it resolves. */
function conversationCalls({ api, engine, views, replica, drafts }: SignedInClient) {
  const installed = async (conversation: Conversation): Promise<ConversationView> => {
    await engine.install(conversation)
    const view = views.get(conversation.id)
    if (!view) throw localProblem('not_found')
    return view
  }
  return {
    createDirect: async (userId: string) => installed(await api.createDirect(userId)),
    createGroup: async ({ id = newId(), title, userIds }: NewGroup) =>
      installed(await api.createGroup({ id, title, userIds })),
    previewInvite: (code: string) => api.call(messagesApi.getInvite, { params: { code } }),
    acceptInvite: async (code: string) =>
      installed(await api.call(messagesApi.acceptInvite, { params: { code } })),
    loadParticipants: (conversationId: string) => loadParticipants({ api, replica }, conversationId),
    async addParticipants(conversationId: string, userIds: string[]): Promise<void> {
      const call = { params: { conversationId }, body: { userIds } }
      await engine.install(await api.call(messagesApi.addParticipants, call))
    },
    async removeParticipant(conversationId: string, userId: string): Promise<void> {
      await api.call(messagesApi.removeParticipant, { params: { conversationId, userId } })
      if (userId === replica.me) await engine.remove(conversationId)
    },
    async rename(conversationId: string, title: string): Promise<void> {
      const call = { params: { conversationId }, body: { title } }
      await engine.install(await api.call(messagesApi.updateConversation, call))
    },
    setDraft: (conversationId: string, text: string, before?: string) =>
      drafts.write(conversationId, text, before),
    clearDraft: (conversationId: string, typed: string) => drafts.clear(conversationId, typed),
    keepSuperseded: (conversationId: string, typed: string) => drafts.keepSuperseded(conversationId, typed),
    discardSuperseded: (conversationId: string) => drafts.discardSuperseded(conversationId),
  }
}

/** Fetches all participants, page by page; the conversation's view has them from then on. */
async function loadParticipants(
  { api, replica }: Pick<SignedInClient, 'api' | 'replica'>,
  conversationId: string,
): Promise<Participant[]> {
  const all: Participant[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = cursor === undefined ? { limit: 100 } : { limit: 100, cursor }
    const page = await api.call(messagesApi.listParticipants, { params: { conversationId }, query })
    all.push(...page.items)
    cursor = page.nextCursor
  }
  await replica.transact((transaction) => {
    transaction.putParticipants(all)
    const stored = transaction.conversation(conversationId)
    if (stored?.conversation.participantCount !== all.length) return
    transaction.putConversation({ ...stored, conversation: { ...stored.conversation, participants: all } })
  })
  return all
}

const noInvitations: readonly InvitationView[] = []

export function createInvitationsApi({ signedIn, topics }: FeatureApiOptions): InvitationsApi {
  const current = () => {
    const open = signedIn()
    if (!open) throw localProblem('unauthenticated')
    return open
  }
  /** An invitation that the server does not know was withdrawn, or answered elsewhere. */
  const forgetting = async <T>(answer: Promise<T>, id: string): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'not_found') current().invitations.ended(id)
      throw error
    }
  }
  const inside = (conversationId: string) => ({ params: { conversationId } })
  return {
    list: () => signedIn()?.invitations.list() ?? noInvitations,
    get: (id) =>
      signedIn()
        ?.invitations.list()
        .find((invitation) => invitation.id === id),
    subscribe: topics.invitations.subscribe,
    async accept(id) {
      const { api, engine, views, invitations } = current()
      const accepted = api.call(messagesApi.acceptInvitation, inside(id))
      await engine.install(await forgetting(accepted, id))
      invitations.ended(id)
      const view = views.get(id)
      if (!view) throw localProblem('not_found')
      return view
    },
    async decline(id) {
      const { api, invitations, replica } = current()
      const params = { conversationId: id, userId: replica.me }
      await forgetting(api.call(messagesApi.removeParticipant, { params }), id)
      invitations.ended(id)
    },
    async block(id, invitedBy) {
      const { api, invitations } = current()
      await api.call(usersApi.block, { params: { userId: invitedBy } })
      invitations.ended(id)
    },
    sent: async (conversationId) => listSent(current(), conversationId),
    async withdraw(conversationId, userId) {
      const { api } = current()
      await api.call(messagesApi.withdrawInvitation, { params: { conversationId, userId } })
    },
  }
}

/** Everybody who was invited to a group, page by page. */
async function listSent({ api, people }: SignedInClient, conversationId: string): Promise<GroupInvitation[]> {
  const items: GroupInvitation[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const page = await api.call(messagesApi.listInvitations, { params: { conversationId }, query })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  people.ingest(items.map(({ user }) => user))
  return items.map((item) => ({ ...item, user: people.get(item.userId) ?? item.user }))
}
