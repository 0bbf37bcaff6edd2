import type { Api } from '@finnigram/client'
import { type Conversation, type Message, messagesApi } from '@finnigram/contracts'
import type { Device } from '../devices/device.ts'
import type { Answer } from './history.ts'

/** Asks the API, for one person, for everything that it shows them. */
export async function collectAnswer({ client, clock, person }: Device): Promise<Answer> {
  if (!client) throw new Error('The device is off')
  return clock.run(async () => {
    const conversations = await listConversations(client.api)
    const histories: Answer['histories'] = []
    const pins: Answer['pins'] = []
    for (const { id: conversationId } of conversations) {
      histories.push({ conversationId, messages: await listHistory(client.api, conversationId) })
      const { items } = await client.api.call(messagesApi.listPins, {
        params: { conversationId },
        query: { limit: 100 },
      })
      pins.push({ conversationId, messageIds: items.map(({ id }) => id) })
    }
    return { userId: person.id, list: conversations.map(({ id }) => id), conversations, histories, pins }
  })
}

async function listConversations(api: Api): Promise<Conversation[]> {
  const all: Conversation[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = cursor === undefined ? { limit: 100 } : { limit: 100, cursor }
    const page = await api.call(messagesApi.listConversations, { query })
    all.push(...page.items)
    cursor = page.nextCursor
  }
  return all
}

async function listHistory(api: Api, conversationId: string): Promise<Message[]> {
  const all: Message[] = []
  for (let after = 0, more = true; more; after = all.at(-1)?.seq ?? after) {
    const page = await api.listMessages(conversationId, { after, limit: 100 })
    all.push(...page.items)
    more = page.hasAfter && page.items.length > 0
  }
  return all
}
