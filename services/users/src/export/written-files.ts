import { type Conversation, type Message, messagesApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { followPages, type ListPage, toJsonLines } from './pages.ts'
import type { ArchivedFile } from './zip-files.ts'

/** Longest to wait for a page, in milliseconds: nobody waits for this one with their finger on the screen. */
const timeoutMs = 15_000

/** What the messages service keeps of a person, page by page. The first pages are fetched now, so that its absence is known before anything is sent. Throws `unavailable`. */
export async function writtenFiles({ messages }: UsersContext, { userId }: Actor): Promise<ArchivedFile[]> {
  const params = { userId }
  const conversations = async (after?: string): Promise<ListPage<Conversation>> => {
    const page = await messages.call(messagesApi.exportConversations, { params, query: { after }, timeoutMs })
    return { items: page.items, next: page.nextAfter }
  }
  const written = async (after?: string): Promise<ListPage<Message>> => {
    const page = await messages.call(messagesApi.exportMessages, { params, query: { after }, timeoutMs })
    return { items: page.items, next: page.nextAfter }
  }
  const starred = async (after?: string): Promise<ListPage<unknown>> => {
    const page = await messages.call(messagesApi.exportStars, { params, query: { after }, timeoutMs })
    return { items: page.items, next: page.nextAfter }
  }
  const [firstConversations, firstWritten] = [await conversations(), await written()]
  const firstStarred = await starred()
  return [
    {
      name: 'conversations.jsonl',
      content: () => toJsonLines(followPages(firstConversations, conversations)),
    },
    { name: 'messages.jsonl', content: () => toJsonLines(followPages(firstWritten, written)) },
    { name: 'starred.jsonl', content: () => toJsonLines(followPages(firstStarred, starred)) },
  ]
}
