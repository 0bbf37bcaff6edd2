import { type Attachment, type Me, messagesApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { listActivity } from '../audit/list-activity.ts'
import { listSessions } from '../auth/manage-sessions.ts'
import type { WithMessages, WithPool, WithPrisma } from '../deps.ts'
import { listBlocks } from '../people/blocks.ts'
import { type ArchiveFile, uploads } from './zip-archive.ts'

const limit = 100

export type SourceDeps = WithPool & WithPrisma & WithMessages

/** The files with what this service stores of a user. */
export function accountFiles(ctx: WithPool & WithPrisma, actor: Actor, me: Me): ArchiveFile[] {
  const { preferences, ...profile } = me
  const blocks = (cursor?: string) => listBlocks(ctx, actor, { limit, cursor }).then(toListPage)
  const activity = (cursor?: string) => listActivity(ctx, actor, { limit, cursor }).then(toListPage)
  return [
    { name: 'profile.json', content: () => once(async () => toText(profile)) },
    { name: 'preferences.json', content: () => once(async () => toText(preferences)) },
    {
      name: 'sessions.json',
      content: () => once(async () => toText((await listSessions(ctx, actor)).items)),
    },
    { name: 'devices.json', content: () => once(async () => toText(await listDevices(ctx, actor))) },
    { name: 'blocks.json', content: () => fromPages(blocks) },
    { name: 'activity.json', content: () => fromPages(activity) },
    ...(me.avatarUrl === null ? [] : [{ name: 'avatar.webp', content: () => picture(ctx, actor) }]),
  ]
}

const toText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const toListPage = <T>({ items, nextCursor }: { items: T[]; nextCursor: string | null }): ListPage<T> => ({
  items,
  next: nextCursor,
})

async function* once(make: () => Promise<string>): AsyncGenerator<string> {
  yield await make()
}

async function* fromPages(fetchPage: (next?: string) => Promise<ListPage<unknown>>): AsyncGenerator<string> {
  yield* toJsonArray(followPages(await fetchPage(), fetchPage))
}

/** Without the targets, which would allow sending notifications there. */
const listDevices = ({ prisma }: WithPrisma, { userId }: Actor) =>
  prisma.device.findMany({
    where: { userId },
    select: { id: true, kind: true, name: true, sessionId: true, updatedAt: true },
    orderBy: { id: 'asc' },
  })

/** Empty if the picture was deleted meanwhile. */
async function* picture({ prisma }: WithPrisma, { userId }: Actor): AsyncGenerator<Uint8Array> {
  const largest = await prisma.avatar.findFirst({
    where: { userId },
    orderBy: { size: 'desc' },
    select: { bytes: true },
  })
  if (largest) yield largest.bytes
}

/** Milliseconds for one page. Longer than interactive requests wait. */
const timeoutMs = 15_000

type FetchPage = (after?: string) => Promise<ListPage<unknown>>

/**
 * The files with what the messages service stores of a user. Fetches the first pages now, to fail
 * before the response starts. Throws `unavailable`.
 */
export async function messageFiles(ctx: WithMessages, actor: Actor): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  for (const [name, fetchPage] of Object.entries(pageFetchers(ctx, actor))) {
    const first = await fetchPage()
    files.push({ name, content: () => toJsonLines(followPages(first, fetchPage)) })
  }
  return files
}

function pageFetchers({ messages }: WithMessages, { userId }: Actor): Record<string, FetchPage> {
  const asking = (after: string | undefined) => ({ params: { userId }, query: { after }, timeoutMs })
  return {
    'conversations.jsonl': (after) =>
      messages.call(messagesApi.exportConversations, asking(after)).then(toExportPage),
    'messages.jsonl': (after) => messages.call(messagesApi.exportMessages, asking(after)).then(toExportPage),
    'starred.jsonl': (after) => messages.call(messagesApi.exportStars, asking(after)).then(toExportPage),
    'reactions.jsonl': (after) =>
      messages.call(messagesApi.exportReactions, asking(after)).then(toExportPage),
  }
}

const toExportPage = ({ items, nextAfter }: { items: unknown[]; nextAfter: string | null }) => ({
  items,
  next: nextAfter,
})

/**
 * The uploaded files and a list of them. Each is fetched when the archive reaches it. Throws
 * `unavailable`.
 */
export async function attachmentFiles({ messages }: WithMessages, { userId }: Actor): Promise<ArchiveFile[]> {
  const attachments: Attachment[] = []
  for (let after: string | undefined; ; ) {
    const query = { after }
    const page = await messages.call(messagesApi.exportAttachments, {
      params: { userId },
      query,
      timeoutMs,
    })
    attachments.push(...page.items)
    if (page.nextAfter === null) break
    after = page.nextAfter
  }
  const fetch = (attachmentId: string) =>
    messages.open(messagesApi.exportAttachment, { params: { userId, attachmentId } })
  return [
    { name: 'attachments.jsonl', content: () => toLines(attachments) },
    ...attachments.map(({ id, name, kind }) => ({
      name: `${uploads}${id} ${entryName(name)}`,
      isCompact: kind !== 'file',
      async *content() {
        yield* await fetch(id)
      },
    })),
  ]
}

async function* toLines(items: readonly unknown[]): AsyncGenerator<string> {
  for (const item of items) yield `${JSON.stringify(item)}\n`
}

/** A file name that every operating system accepts. */
const entryName = (name: string) => name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').slice(-150)

/** One page of a list, and the cursor of the next. */
interface ListPage<T> {
  items: T[]
  next: string | null
}

/** All pages of a list from `first` on. Fetches each when the one before is consumed. */
async function* followPages<T>(
  first: ListPage<T>,
  fetchPage: (next: string) => Promise<ListPage<T>>,
): AsyncGenerator<T[]> {
  let page = first
  for (;;) {
    yield page.items
    if (page.next === null) return
    page = await fetchPage(page.next)
  }
}

/** The items of all pages as JSON Lines. */
async function* toJsonLines(pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  for await (const items of pages) {
    if (items.length > 0) yield `${items.map((item) => JSON.stringify(item)).join('\n')}\n`
  }
}

/** The items of all pages as one JSON array. */
async function* toJsonArray(pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const items of pages) {
    if (items.length === 0) continue
    yield before + items.map((item) => JSON.stringify(item)).join(',\n')
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
