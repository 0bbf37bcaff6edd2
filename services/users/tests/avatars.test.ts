import { type Me, newId, type Problem, type PublicUser, type SignedIn } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawGif, drawPng } from './draw-images.ts'
import { readUserEvents } from './read-user-events.ts'
import { startTestUsers, type TestUsers } from './start-test-users.ts'

let users: TestUsers
let ada: SignedIn
let bob: SignedIn
beforeAll(async () => {
  users = await startTestUsers()
  ada = await users.register()
  bob = await users.register()
})
afterAll(() => users[Symbol.asyncDispose]())

const put = async ({ accessToken }: SignedIn, bytes: Uint8Array<ArrayBuffer>, type = 'image/png') => {
  const response = await fetch(`${users.url}/v1/users/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': type },
    body: bytes,
  })
  return { status: response.status, body: (await response.json()) as Me & Problem }
}
const get = async ({ accessToken }: SignedIn, path: string | null, headers: Record<string, string> = {}) => {
  const response = await fetch(users.url + path, {
    headers: { authorization: `Bearer ${accessToken}`, ...headers },
  })
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  }
}
const png = (red = 200) => new Uint8Array(drawPng({ width: 40, height: 30, red }))

/** The side of a square WebP, as its head says. */
const sideOf = (webp: Buffer) => {
  expect(webp.subarray(0, 4).toString() + webp.subarray(8, 12).toString()).toBe('RIFFWEBP')
  const kind = webp.subarray(12, 16).toString()
  if (kind === 'VP8X') return webp.readUIntLE(24, 3) + 1
  if (kind === 'VP8L') return (webp.readUInt16LE(21) & 0x3fff) + 1
  return webp.readUInt16LE(26) & 0x3fff
}

test.each(['PUT /v1/users/me/avatar', 'DELETE /v1/users/me/avatar', `GET /v1/users/${newId()}/avatar`])(
  '%s requires sign-in',
  async (request) => {
    expect(await users.call(request)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  },
)

test('a picture becomes a square WebP in the size asked for, or the next larger', async () => {
  const { status, body } = await put(ada, png())
  expect(status).toBe(200)
  expect(body.avatarUrl).toMatch(new RegExp(`^/v1/users/${ada.user.id}/avatar\\?v=[0-9a-f]{12}$`))

  const sizes: number[] = []
  for (const size of ['1', '64', '65', '200', '512', '1024']) {
    const { status, headers, bytes } = await get(bob, `/v1/users/${ada.user.id}/avatar?size=${size}`)
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp'])
    sizes.push(sideOf(bytes))
  }
  expect(sizes).toEqual([64, 64, 128, 256, 512, 512])
  expect(sideOf((await get(bob, body.avatarUrl)).bytes)).toBe(256)
  for (const size of ['0', '1025', 'x']) {
    expect((await get(bob, `/v1/users/${ada.user.id}/avatar?size=${size}`)).status).toBe(400)
  }
})

test('the address of a picture may be kept for long, and asked again without its bytes', async () => {
  const { body } = await put(ada, png(10))
  const named = await get(bob, body.avatarUrl)
  expect(named.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  expect(named.headers.get('x-content-type-options')).toBe('nosniff')
  const etag = named.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[0-9a-f]{64}-256"$/)
  const again = await get(bob, body.avatarUrl, { 'if-none-match': etag })
  expect([again.status, again.bytes.length]).toEqual([304, 0])

  await put(ada, png(20))
  const old = await get(bob, body.avatarUrl, { 'if-none-match': etag })
  expect([old.status, old.headers.get('cache-control')]).toEqual([200, 'private, max-age=300'])
  expect(old.headers.get('etag')).not.toBe(etag)
})

test('a new picture and its deletion emit one event each', async () => {
  const eve = await users.register()
  const { body } = await put(eve, png())
  expect((await put(eve, png())).body).toEqual(body)
  for (const _ of [1, 2]) {
    const gone = await users.call('DELETE /v1/users/me/avatar', { token: eve.accessToken })
    expect(gone.status).toBe(204)
  }

  const emitted = await eventually(async () => {
    const events = (await readUserEvents(users)).filter(({ key }) => key === eve.user.id)
    expect(events).toHaveLength(3)
    return events.map(({ payload }) => ('user' in payload ? payload.user?.avatarUrl : undefined))
  })
  expect(emitted).toEqual([null, body.avatarUrl, null])
  expect((await get(bob, body.avatarUrl)).status).toBe(404)
  const seen = await users.call<PublicUser>(`GET /v1/users/${eve.user.id}`, { token: bob.accessToken })
  expect(seen.body.avatarUrl).toBeNull()
})

test('an unknown user, one without a picture, and one behind a block have no picture', async () => {
  const eve = await users.register()
  const path = `/v1/users/${eve.user.id}/avatar`
  expect((await get(bob, `/v1/users/${newId()}/avatar`)).status).toBe(404)
  expect((await get(bob, path)).status).toBe(404)

  await put(eve, png())
  await users.call(`PUT /v1/users/me/blocks/${bob.user.id}`, { token: eve.accessToken })
  expect((await get(bob, path)).status).toBe(404)
  expect((await get(eve, path)).status).toBe(200)
  await put(bob, png())
  expect((await get(eve, `/v1/users/${bob.user.id}/avatar`)).status).toBe(404)
})

const hostile: [string, Uint8Array<ArrayBuffer>][] = [
  ['a pixel flood', new Uint8Array(drawPng({ width: 8, height: 8 }, { width: 30_000, height: 30_000 }))],
  ['a file that breaks off', png().slice(0, 60)],
  [
    'an SVG',
    new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  ],
  ['an HTML page', new TextEncoder().encode('<!doctype html><script>alert(1)</script>')],
  ['noise', new Uint8Array(1000).map((_, i) => (i * 7919) % 256)],
]

test.each(hostile)('%s is no picture, whatever it is called', async (_what, bytes) => {
  expect(await put(bob, bytes)).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
})

test('of a picture that moves, the first frame stands still', async () => {
  const { status, body } = await put(bob, new Uint8Array(drawGif(3)), 'image/gif')
  expect(status).toBe(200)
  const { bytes } = await get(ada, body.avatarUrl)
  expect(sideOf(bytes)).toBe(256)
  expect(bytes.includes('ANIM')).toBe(false)
})

test('what is announced as something else, is empty or is too large is not taken', async () => {
  expect((await put(bob, png(), 'text/html')).status).toBe(415)
  expect((await put(bob, new Uint8Array(0))).status).toBe(400)
  const large = await put(bob, new Uint8Array(5 * 1024 * 1024 + 1))
  expect(large).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
})

test('many large pictures at once do not keep anyone from signing in', async () => {
  const large = new Uint8Array(drawPng({ width: 3000, height: 3000 }))
  const people = await Promise.all(Array.from({ length: 10 }, () => users.register()))
  let stored = 0
  const uploads = people.map(async (person) => {
    const { status } = await put(person, large)
    stored += 1
    return status
  })
  expect((await users.login(ada.user.username)).status).toBe(200)
  expect(stored).toBeLessThan(10)
  expect(await Promise.all(uploads)).toEqual(people.map(() => 200))
})
