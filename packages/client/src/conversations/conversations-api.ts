import { localProblem } from '../api/problems.ts'
import type { ConversationsPart } from '../client.ts'
import type { ClientTopics } from '../client-topics.ts'
import type { Account } from '../signed-in-client.ts'
import { type conversationCalls as Calls, conversationCalls } from './conversation-calls.ts'

export interface PartOptions {
  account: () => Account | null
  topics: ClientTopics
  onError: (error: unknown) => void
}

const noneUnsent: ReturnType<ConversationsPart['unsent']> = []
const none: ReturnType<ConversationsPart['list']> = []

export function conversationsPart({ account, topics, onError }: PartOptions): ConversationsPart {
  const calls = (): ReturnType<typeof Calls> => {
    const current = account()
    if (!current) throw localProblem('unauthenticated')
    return conversationCalls(current)
  }
  return {
    list: () => account()?.views.list() ?? none,
    get: (id) => account()?.views.get(id),
    subscribe: topics.conversations.subscribe,
    get loaded() {
      const current = account()
      return (
        current !== null && (current.replica.memory.cursor !== undefined || current.views.list().length > 0)
      )
    },
    createDirect: async (userId) => calls().createDirect(userId),
    createGroup: async (input) => calls().createGroup(input),
    markRead: (id, seq) => account()?.markers.read(id, seq),
    setDraft(id, text, before) {
      // A screen may say so while it goes away because nobody is signed in any more.
      if (account()) calls().setDraft(id, text, before).catch(onError)
    },
    clearDraft(id, typed) {
      if (account()) calls().clearDraft(id, typed).catch(onError)
    },
    keepSuperseded(id, typed) {
      if (account()) calls().keepSuperseded(id, typed).catch(onError)
    },
    discardSuperseded(id) {
      if (account()) calls().discardSuperseded(id).catch(onError)
    },
    unsent: () => account()?.replica.memory.unsent ?? noneUnsent,
    discardUnsent(id) {
      account()
        ?.replica.transact((transaction) => transaction.putUnsent(id, undefined))
        .catch(onError)
    },
    loadParticipants: async (id) => calls().loadParticipants(id),
    addParticipants: async (id, userIds) => calls().addParticipants(id, userIds),
    removeParticipant: async (id, userId) => calls().removeParticipant(id, userId),
    leave: async (id) => calls().removeParticipant(id, account()?.replica.me ?? ''),
    previewInvite: async (code) => calls().previewInvite(code),
    acceptInvite: async (code) => calls().acceptInvite(code),
    rename: async (id, title) => calls().rename(id, title),
  }
}
