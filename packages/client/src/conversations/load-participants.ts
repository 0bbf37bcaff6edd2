import { messagesApi, type Participant } from '@finnigram/contracts'
import type { Account } from '../signed-in-client.ts'

/** Asks for all participants of a conversation, page by page; its view has them from then on. */
export async function loadParticipants(
  { api, replica }: Pick<Account, 'api' | 'replica'>,
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
