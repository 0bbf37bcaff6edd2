import type { Conversation, ConversationEvent, Invite, InvitePreview, Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
let owner: Person
let member: Person
let stranger: Person
let group: Conversation
beforeAll(async () => {
  messages = await startTestMessages({ count: 2 })
})
afterAll(() => messages[Symbol.asyncDispose]())
beforeEach(async () => {
  owner = await messages.join('Owner')
  member = await messages.join('Member')
  stranger = await messages.join('Stranger')
  group = await messages.group(owner, [member])
})

/** GIFs of one pixel, in two colours. */
const red = Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const grey = Buffer.from('R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=', 'base64')

const path = () => `/v1/conversations/${group.id}/avatar`
const put = async (by: Person, bytes: Buffer, { type = 'image/gif', node = 0 } = {}) => {
  const response = await fetch(`${messages.nodes[node]?.url}${path()}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': type },
    body: new Uint8Array(bytes),
  })
  return { status: response.status, body: (await response.json()) as Conversation & Problem }
}
const get = (by: Person, url: string, headers: Record<string, string> = {}) =>
  fetch(`${messages.node.url}${url}`, { headers: { authorization: `Bearer ${by.token}`, ...headers } })
const eventsAfter = async (version: number) => {
  const request = `GET /v1/conversations/${group.id}/events?after=${version}`
  return (await member.call<{ items: ConversationEvent[] }>(request)).body.items
}

test('owners and admins set a group avatar, and all participants get the event', async () => {
  expect((await put(member, red)).status).toBe(403)
  expect((await put(stranger, red)).status).toBe(404)
  const { status, body } = await put(owner, red)
  expect(status).toBe(200)
  expect(body.avatarUrl).toMatch(new RegExp(`^${path()}\\?v=[0-9a-f]{12}$`))
  expect(await eventsAfter(1)).toMatchObject([
    { type: 'conversation.updated', data: { avatarUrl: body.avatarUrl } },
    { type: 'message.created', data: { message: { system: { type: 'conversation.avatar_changed' } } } },
  ])
  expect((await member.chat(group.id)).avatarUrl).toBe(body.avatarUrl)
  expect((await put(owner, red)).body).toMatchObject({ version: 3, avatarUrl: body.avatarUrl })
  const other = await put(owner, grey)
  expect(other.body.avatarUrl).not.toBe(body.avatarUrl)
})

test('only participants fetch the avatar, in the size they ask for', async () => {
  const { avatarUrl } = (await put(owner, red)).body
  const etags = new Set<string | null>()
  for (const size of [1, 65, 256, 1000]) {
    const response = await get(member, `${avatarUrl}&size=${size}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1', 8, 12)).toBe('WEBP')
    etags.add(response.headers.get('etag'))
    const again = await get(member, `${avatarUrl}&size=${size}`, {
      'if-none-match': response.headers.get('etag') ?? '',
    })
    expect(again.status).toBe(304)
  }
  expect(etags.size).toBe(4)
  expect((await get(member, `${path()}?size=0`)).status).toBe(400)
  expect((await get(stranger, path())).status).toBe(404)
  await owner.call(`DELETE /v1/conversations/${group.id}/participants/${member.id}`)
  expect((await get(member, path())).status).toBe(404)
})

test('the URL of the present avatar is cacheable, by the group and by an invite', async () => {
  const { avatarUrl } = (await put(owner, red)).body
  const { body: invite } = await owner.call<Invite>(`POST /v1/conversations/${group.id}/invites`)
  const { body: preview } = await stranger.call<InvitePreview>(`GET /v1/invites/${invite.code}`)
  const keptFor = async (by: Person, url: string | null) =>
    (await get(by, url ?? '')).headers.get('cache-control')
  const [long, short] = ['private, max-age=31536000, immutable', 'private, max-age=300']
  expect(await keptFor(member, avatarUrl)).toBe(long)
  expect(await keptFor(stranger, preview.avatarUrl)).toBe(long)
  expect(await keptFor(member, path())).toBe(short)
  await put(owner, grey)
  expect(await keptFor(member, avatarUrl)).toBe(short)
  expect(await keptFor(stranger, preview.avatarUrl)).toBe(short)
})

test('deleting an avatar is idempotent', async () => {
  expect(await member.call(`DELETE ${path()}`)).toMatchObject({ status: 403 })
  expect((await owner.call(`DELETE ${path()}`)).status).toBe(204)
  expect(await eventsAfter(1)).toEqual([])
  await put(owner, red)
  for (let times = 0; times < 2; times += 1) expect((await owner.call(`DELETE ${path()}`)).status).toBe(204)
  expect((await eventsAfter(3)).map(({ data }) => data)).toMatchObject([
    { avatarUrl: null },
    { message: { system: { type: 'conversation.avatar_changed' } } },
  ])
  expect((await get(owner, path())).status).toBe(404)
  expect((await owner.chat(group.id)).avatarUrl).toBeNull()
})

test('anything but a picture is rejected, and so is one that is too large', async () => {
  const unsupported = { status: 415, body: { code: 'unsupported_media_type' } }
  expect(await put(owner, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatchObject(
    unsupported,
  )
  expect(await put(owner, red, { type: 'image/svg+xml' })).toMatchObject(unsupported)
  expect(await put(owner, Buffer.alloc(5 * 1024 * 1024 + 1))).toMatchObject({
    status: 413,
    body: { code: 'payload_too_large' },
  })
  expect((await owner.chat(group.id)).version).toBe(1)
})

test('a direct conversation has no avatar', async () => {
  group = await messages.direct(owner, member)
  expect((await put(owner, red)).status).toBe(403)
  expect((await owner.call(`DELETE ${path()}`)).status).toBe(403)
})

test('of concurrent avatars one stays, and the last event has its URL', async () => {
  await Promise.all([0, 1, 0, 1].map((node, i) => put(owner, i % 2 ? red : grey, { node })))
  const { avatarUrl } = await owner.chat(group.id)
  const told = (await eventsAfter(1)).flatMap((event) =>
    event.type === 'conversation.updated' ? event.data.avatarUrl : [],
  )
  expect(told.at(-1)).toBe(avatarUrl)
  const { rows } = await messages.node.ctx.pool.query(
    'SELECT DISTINCT left(etag, 12) AS etag FROM conversation_avatars WHERE conversation_id = $1',
    [group.id],
  )
  expect(rows).toEqual([{ etag: avatarUrl?.split('=')[1] }])
})

test('an invite shows the avatar to its holder', async () => {
  await put(owner, red)
  const { body: invite } = await owner.call<Invite>(`POST /v1/conversations/${group.id}/invites`)
  const { body } = await stranger.call<InvitePreview>(`GET /v1/invites/${invite.code}`)
  expect(body.avatarUrl).toMatch(new RegExp(`^/v1/invites/${invite.code}/avatar\\?v=[0-9a-f]{12}$`))
  const response = await get(stranger, body.avatarUrl ?? '')
  expect(response.headers.get('content-type')).toBe('image/webp')
})
