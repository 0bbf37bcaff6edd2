import type { Attachment, Me } from '@finnigram/contracts'
import { messagesApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { listActivity } from '../audit/list-activity.ts'
import { listSessions } from '../auth/manage-sessions.ts'
import type { UsersContext } from '../context.ts'
import { listBlocks } from '../people/blocks.ts'
import type { ArchivedFile } from './zip-archive.ts'
import { uploads } from './zip-archive.ts'

const limit = 100

/** What this service itself keeps of a person. */
export function ownFiles(ctx: UsersContext, actor: Actor, me: Me): ArchivedFile[] {
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

async function* fromPages(turn: (next?: string) => Promise<ListPage<unknown>>): AsyncGenerator<string> {
  yield* toJsonArray(followPages(await turn(), turn))
}

/** Without the targets: whoever has those can send notifications there. */
const listDevices = ({ prisma }: UsersContext, { userId }: Actor) =>
  prisma.device.findMany({
    where: { userId },
    select: { id: true, kind: true, name: true, sessionId: true, updatedAt: true },
    orderBy: { id: 'asc' },
  })

/** Empty when it was removed since. */
async function* picture({ pool }: UsersContext, { userId }: Actor): AsyncGenerator<Uint8Array> {
  const { rows } = await pool.query<{ bytes: Buffer }>(
    'SELECT bytes FROM avatars WHERE user_id = $1 ORDER BY size DESC LIMIT 1',
    [userId],
  )
  for (const { bytes } of rows) yield bytes
}

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

/** Longest to wait for a page, in milliseconds. */
const uploadsTimeoutMs = 15_000

/** The files a person uploaded, and a list of them; each is fetched when its turn comes. Throws `unavailable`. */
export async function uploadedFiles({ messages }: UsersContext, { userId }: Actor): Promise<ArchivedFile[]> {
  const attachments: Attachment[] = []
  for (let after: string | undefined; ; ) {
    const query = { after }
    const page = await messages.call(messagesApi.exportAttachments, {
      params: { userId },
      query,
      timeoutMs: uploadsTimeoutMs,
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

/** What every system takes as a name in a folder. */
const entryName = (name: string) => name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').slice(-150)

/** One page of a list: what is on it, and where it goes on. */
interface ListPage<T> {
  items: T[]
  next: string | null
}

/** All pages of a list from `first` on; each is asked for when the one before was used up. */
async function* followPages<T>(
  first: ListPage<T>,
  turn: (next: string) => Promise<ListPage<T>>,
): AsyncGenerator<T[]> {
  let page = first
  for (;;) {
    yield page.items
    if (page.next === null) return
    page = await turn(page.next)
  }
}

/** The items of all pages as JSON Lines, one to a line. */
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
