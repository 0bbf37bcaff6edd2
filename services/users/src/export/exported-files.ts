import type { Me } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import { listActivity } from '../audit/list-activity.ts'
import { listSessions } from '../auth/list-sessions.ts'
import { listBlocks } from '../blocks/list-blocks.ts'
import type { UsersContext } from '../context.ts'
import { followPages, type ListPage, toJsonArray } from './pages.ts'
import type { ArchivedFile } from './zip-archive.ts'

const limit = 100

/** What this service itself keeps of a person. */
export function ownFiles(ctx: UsersContext, actor: Actor, me: Me): ArchivedFile[] {
  const { preferences, ...profile } = me
  const blocks = (cursor?: string) => listBlocks(ctx, actor, { limit, cursor }).then(toPage)
  const activity = (cursor?: string) => listActivity(ctx, actor, { limit, cursor }).then(toPage)
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

const toPage = <T>({ items, nextCursor }: { items: T[]; nextCursor: string | null }): ListPage<T> => ({
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
