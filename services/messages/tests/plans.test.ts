import { type Conversation, type Invite, type Message, newId, type SyncReply } from '@finnigram/contracts'
import { park, type Route } from '@finnigram/service-kit'
import { explainQueries } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepFiles } from '../src/attachments/removal/sweep-files.ts'
import { compactEvents } from '../src/jobs/compaction.ts'
import { claimJob, countJobs } from '../src/jobs/job-queue.ts'
import { copyBlocks } from '../src/people/copy-blocks.ts'
import { copyDeletion } from '../src/people/copy-profiles.ts'
import { enqueueAccountEndings } from '../src/people/end-account.ts'
import { routes } from '../src/routes.ts'
import { endWholeAccount } from './fixture/end-account.ts'
import { fillDatabase } from './fixture/fill-database.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

/** Tables that stay small: outbox, search queue, pending deletions, jobs. */
const staysSmall = [
  'outbox',
  // The relay deletes from it, oldest first, what is two minutes old.
  'outbox_sent',
  'replica_state',
  'search_rounds',
  'parked',
  '_prisma_migrations',
  'search_queue',
  'doomed_files',
  'jobs',
]

let messages: TestMessages
let ann: Person
let ben: Person
let cyd: Person
/** The routes that answered, such as `GET /v1/conversations`. */
const answered = new Set<string>()

beforeAll(async () => {
  messages = await startTestMessages()
  ann = await messages.join('Ann')
  ben = await messages.join('Ben')
  cyd = await messages.join('Cyd')
  await fillDatabase(messages.node.ctx.pool)
}, 120_000)
afterAll(() => messages[Symbol.asyncDispose]())

const nameOf = ({ contract: { method, path } }: Route) => `${method} ${path}`
/** A GIF of one pixel. */
const picture = Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')

/** Calls, and records the route; this test accepts no refusal. */
async function call<T = unknown>(
  who: Person | undefined,
  request: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const [method = '', path = ''] = request.split(' ')
  const isBytes = body instanceof Uint8Array
  const response = await fetch(messages.node.url + path, {
    method,
    headers: {
      ...(who
        ? { authorization: `Bearer ${who.token}` }
        : { 'x-internal-token': String(messages.env['INTERNAL_TOKEN']) }),
      ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (!response.ok) throw new Error(`${request} answered ${response.status}: ${bytes}`)
  const row = routes(messages.node.ctx).find(({ contract }) => {
    const pattern = contract.path.replace(/:\w+/g, '[^/]+')
    return contract.method === method && new RegExp(`^${pattern}$`).test(path.split('?', 1)[0] ?? '')
  })
  if (row) answered.add(nameOf(row))
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && bytes.length > 0
  return {
    body: (isJson ? JSON.parse(bytes.toString()) : undefined) as T,
    location: response.headers.get('location') ?? '',
  }
}

async function walkGroups(): Promise<Conversation> {
  await call(ann, 'POST /v1/conversations', { kind: 'direct', userId: ben.id })
  const userIds = [ben.id, cyd.id]
  const { body: group } = await call<Conversation>(ann, 'POST /v1/conversations', {
    kind: 'group',
    title: 'Plans',
    userIds,
  })
  const path = `/v1/conversations/${group.id}`
  for (const query of ['', '?limit=1', '?archived=true']) await call(ann, `GET /v1/conversations${query}`)
  await call(ann, `GET ${path}`)
  await call(ann, `PATCH ${path}`, { title: 'Plans and queries', description: 'x' })
  await call(ann, `PATCH ${path}/me`, { draft: 'x', pinned: true })
  await call(ann, `PUT ${path}/avatar`, picture, { 'content-type': 'image/gif' })
  await call(ben, `GET ${path}/avatar?size=64`)
  await call(ben, `GET ${path}/participants?limit=1`)
  await call(ben, 'POST /v1/conversations/people/lookup', { ids: [ann.id, cyd.id, newId()] })
  await call(ann, `DELETE ${path}/participants/${cyd.id}`)
  await call(ann, `POST ${path}/participants`, { userIds: [cyd.id] })
  await call(ann, `PATCH ${path}/participants/${ben.id}`, { role: 'owner' })
  const { body: invite } = await call<Invite>(ann, `POST ${path}/invites`, { maxUses: 3 })
  await call(ann, `GET ${path}/invites?limit=1`)
  await call(cyd, `DELETE ${path}/participants/${cyd.id}`)
  await call(ann, `POST ${path}/participants`, { userIds: [cyd.id] })
  await call(cyd, 'GET /v1/conversations?state=invited')
  await call(cyd, `GET ${path}`)
  await call(cyd, 'POST /v1/sync', { known: {}, range: { until: group.id } })
  await call(ann, `GET ${path}/invitations?limit=1`)
  await call(ann, `DELETE ${path}/invitations/${cyd.id}`)
  await call(ben, `DELETE ${path}/participants/${ben.id}`)
  await call(ann, `POST ${path}/participants`, { userIds: [ben.id] })
  await call(ben, `POST ${path}/accept`)
  await call(ann, `PATCH ${path}/participants/${ben.id}`, { role: 'owner' })
  await call(cyd, `GET /v1/invites/${invite.code}`)
  await call(cyd, `GET /v1/invites/${invite.code}/avatar`)
  await call(cyd, `POST /v1/invites/${invite.code}`)
  await call(ann, `DELETE ${path}/invites/${invite.code}`)
  await call(ann, `DELETE ${path}/invites`)
  await call(ann, `DELETE ${path}/avatar`)
  return group
}

async function walkMessages({ id: conversationId }: Conversation): Promise<void> {
  const path = `/v1/conversations/${conversationId}`
  const upload = { 'tus-resumable': '1.0.0', 'upload-length': String(picture.length) }
  await call(undefined, 'OPTIONS /v1/uploads')
  const { location: lost } = await call(ann, 'POST /v1/uploads', undefined, upload)
  const idOf = (location: string) => location.split('/').at(-1) ?? ''
  await call(ann, `DELETE /v1/uploads/${idOf(lost)}`, undefined, { 'tus-resumable': '1.0.0' })
  const { location } = await call(ann, 'POST /v1/uploads', undefined, upload)
  const file = idOf(location)
  await call(ann, `HEAD /v1/uploads/${file}`, undefined, { 'tus-resumable': '1.0.0' })
  const chunk = { 'tus-resumable': '1.0.0', 'upload-offset': '0' }
  await call(ann, `PATCH /v1/uploads/${file}`, picture, {
    ...chunk,
    'content-type': 'application/offset+octet-stream',
  })
  const send = (body: object) =>
    call<Message>(ann, `POST ${path}/messages`, { id: newId(), ...body }).then((reply) => reply.body)
  const first = await send({ text: 'Hello @ben, see https://example.com', attachmentIds: [file] })
  await send({ text: 'An answer', replyToId: first.id })
  await send({ forwardOf: first.id })
  for (const what of [`${file}`, `${file}/info`, `${file}/thumbnail?size=64`])
    await call(ben, `GET /v1/attachments/${what}`)
  await call(undefined, `GET /internal/people/${ann.id}/attachments/${file}`)
  await call(ben, 'POST /v1/messages', { messages: [{ conversationId, id: newId(), text: 'Queued' }] })
  for (const query of ['', '?before=3', '?after=1', '?around=2'])
    await call(ben, `GET ${path}/messages${query}`)
  const message = `/v1/messages/${first.id}`
  await call(ben, `GET ${message}`)
  for (const part of ['reactions/%F0%9F%91%8D', 'pin', 'star']) await call(ben, `PUT ${message}/${part}`)
  await call(ben, `GET ${path}/pins?limit=1`)
  await call(ben, 'GET /v1/stars?limit=1')
  for (const part of ['reactions/%F0%9F%91%8D', 'pin', 'star']) await call(ben, `DELETE ${message}/${part}`)
  await call(ann, `PATCH ${message}`, { text: 'Hello @cyd' })
  for (const query of ['q=hello', `q=ipsum&conversationId=${conversationId}`, `q=hello&from=${ann.id}`])
    await call(ben, `GET /v1/search/messages?${query}`)
  await call(ben, `POST ${path}/read`, { seq: 2 })
  await call(ben, `POST ${path}/delivered`, { seq: 3 })
  await call(ben, `GET ${path}/events?after=1&limit=5`)
  const { body } = await call<SyncReply>(ben, 'POST /v1/sync', { known: {} })
  await call(ben, 'POST /v1/sync', { known: { [conversationId]: 3 }, since: body.cursor })
  const known = Object.fromEntries(body.conversations.map(({ id, version }) => [id, version]))
  await call(ben, 'POST /v1/sync', { known, since: body.cursor })
  await call(ann, `DELETE ${message}`)
}

async function walkServices({ id: conversationId }: Conversation): Promise<void> {
  const send = { conversationId, senderId: ann.id, id: newId(), text: 'Over a socket' }
  await call(undefined, 'POST /internal/sends', { sends: [send] })
  await call(undefined, 'POST /internal/memberships', { userIds: [ann.id, ben.id] })
  await call(undefined, 'POST /internal/contacts/lookup', { userId: ann.id, of: [ben.id, cyd.id] })
  await messages.node.ctx.pool.query('UPDATE users_replica SET reachable = true WHERE id = $1', [ben.id])
  await walkPush([conversationId], [ann.id, ben.id])
  const filled = (kind: number) => (n: number) =>
    `00000000-0000-7000-800${kind}-${n.toString(16).padStart(12, '0')}`
  const numbers = Array.from({ length: 200 }, (_, n) => n)
  await walkPush(numbers.map(filled(1)), numbers.map(filled(0)))
  const marker = { conversationId, userId: ben.id, kind: 'read', seq: 3 }
  await call(undefined, 'POST /internal/markers', { markers: [marker] })
  for (const what of ['conversations', 'messages', 'stars', 'reactions', 'attachments']) {
    await call(undefined, `GET /internal/people/${ann.id}/${what}`)
    await call(undefined, `GET /internal/people/${ann.id}/${what}?after=${send.id}`)
  }
}

async function walkParked(): Promise<void> {
  const { pool } = messages.node.ctx
  const parked = { kind: 'search', id: 'x' }
  const data = { conversationId: newId(), fromSeq: 1, toSeq: 1 }
  for (const what of ['retry', 'drop']) {
    await park(pool, { ...parked, data, reason: 'A test' })
    await call(undefined, 'GET /internal/parked?kind=search')
    await call(undefined, `POST /internal/parked/${what}`, parked)
  }
}

async function walkPush(ids: string[], userIds: string[]): Promise<void> {
  const conversations = ids.map((conversationId) => ({ conversationId, fromSeq: 1, toSeq: 9 }))
  await call(undefined, 'POST /internal/push/recipients', { conversations })
  await call(undefined, 'POST /internal/push/badges', { userIds })
}

async function walkHousekeeping(): Promise<void> {
  const { ctx } = messages.node
  const { pool } = ctx
  await compactEvents({ pool, config: { EVENTS_KEEP: 10, EVENTS_KEEP_DAYS: 1e-9 } }, AbortSignal.timeout(500))
  await copyBlocks(pool, [{ userId: ben.id, blockedId: ann.id, isBlocked: true, version: 1 }])
  await copyDeletion(pool, { id: cyd.id, version: 9 })
  await enqueueAccountEndings(pool, [cyd.id])
  await claimJob(pool)
  await countJobs(pool)
  await endWholeAccount(ctx, cyd.id)
  await sweepFiles(ctx)
}

test('no statement scans a growing table as a whole', async () => {
  const explainer = explainQueries(messages.node.ctx.pool)
  const group = await walkGroups()
  await walkMessages(group)
  await walkServices(group)
  await walkParked()
  await walkHousekeeping()

  expect([...answered].sort()).toEqual(routes(messages.node.ctx).map(nameOf).sort())
  expect(explainer.statements.length).toBeGreaterThan(80)
  expect(await explainer.findFullReads({ except: staysSmall })).toEqual([])
}, 120_000)
