import { messagesApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { followPages, type ListPage, toJsonLines } from './pages.ts'
import type { ArchivedFile } from './zip-archive.ts'

/** Longest to wait for a page, in milliseconds: nobody waits for this one with their finger on the screen. */
const timeoutMs = 15_000

type Turn = (after?: string) => Promise<ListPage<unknown>>

/** What the messages service keeps of a person, page by page. The first pages are fetched now, so that its absence is known before anything is sent. Throws `unavailable`. */
export async function writtenFiles(ctx: UsersContext, actor: Actor): Promise<ArchivedFile[]> {
  const files: ArchivedFile[] = []
  for (const [name, turn] of Object.entries(turnsOf(ctx, actor))) {
    const first = await turn()
    files.push({ name, content: () => toJsonLines(followPages(first, turn)) })
  }
  return files
}

function turnsOf({ messages }: UsersContext, { userId }: Actor): Record<string, Turn> {
  const asking = (after: string | undefined) => ({ params: { userId }, query: { after }, timeoutMs })
  return {
    'conversations.jsonl': (after) =>
      messages.call(messagesApi.exportConversations, asking(after)).then(toPage),
    'messages.jsonl': (after) => messages.call(messagesApi.exportMessages, asking(after)).then(toPage),
    'starred.jsonl': (after) => messages.call(messagesApi.exportStars, asking(after)).then(toPage),
    'reactions.jsonl': (after) => messages.call(messagesApi.exportReactions, asking(after)).then(toPage),
  }
}

const toPage = ({ items, nextAfter }: { items: unknown[]; nextAfter: string | null }) => ({
  items,
  next: nextAfter,
})
