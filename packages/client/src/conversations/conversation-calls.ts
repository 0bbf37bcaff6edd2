import { type Conversation, messagesApi, newId } from '@finnigram/contracts'
import { localProblem } from '../api/problems.ts'
import type { NewGroup } from '../client.ts'
import type { Account } from '../signed-in-client.ts'
import type { ConversationView } from '../views.ts'
import { loadParticipants } from './load-participants.ts'

/** What a person does with conversations. The answer of each call is part of the replica when it resolves. */
export function conversationCalls({ api, engine, views, replica, drafts }: Account) {
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
