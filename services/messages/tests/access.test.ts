import { newId, type Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

/** A GIF of one pixel. */
const picture = Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=', 'base64')
const message = () => ({ id: newId(), text: 'hi' })
const ofConversation: [request: string, body?: unknown][] = [
  ['GET /v1/conversations/:id'],
  ['PATCH /v1/conversations/:id', { title: 'New' }],
  ['PATCH /v1/conversations/:id/me', { draft: 'x' }],
  ['PUT /v1/conversations/:id/avatar', picture],
  ['DELETE /v1/conversations/:id/avatar'],
  ['GET /v1/conversations/:id/avatar'],
  ['POST /v1/conversations/:id/invites'],
  ['GET /v1/conversations/:id/invites'],
  ['DELETE /v1/conversations/:id/invites'],
  ['DELETE /v1/conversations/:id/invites/x'],
  ['GET /v1/conversations/:id/participants'],
  ['POST /v1/conversations/:id/participants', { userIds: [newId()] }],
  [`PATCH /v1/conversations/:id/participants/${newId()}`, { role: 'admin' }],
  [`DELETE /v1/conversations/:id/participants/${newId()}`],
  ['POST /v1/conversations/:id/messages', message()],
  ['GET /v1/conversations/:id/messages'],
  ['POST /v1/conversations/:id/read', { seq: 1 }],
  ['POST /v1/conversations/:id/delivered', { seq: 1 }],
  ['GET /v1/conversations/:id/events'],
]
const ofCaller: [request: string, body?: unknown][] = [
  ['POST /v1/conversations', { kind: 'group', title: 'Group', userIds: [] }],
  ['GET /v1/conversations'],
  ['POST /v1/messages', { messages: [{ ...message(), conversationId: newId() }] }],
  [`GET /v1/messages/${newId()}`],
  ['POST /v1/sync', { known: {} }],
  ['GET /v1/invites/x'],
  ['GET /v1/invites/x/avatar'],
  ['POST /v1/invites/x'],
]

test.each([...ofConversation, ...ofCaller])('%s requires sign-in', async (request, body) => {
  const reply = await messages.call<Problem>(request.replace(':id', newId()), { body })
  expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})

test.each(ofConversation)(
  '%s answers not_found to a stranger, whether it exists or not',
  async (request, body) => {
    const [alice, bob, stranger] = [await messages.join(), await messages.join(), await messages.join()]
    const group = await messages.group(alice, [bob])

    for (const id of [group.id, newId()]) {
      const reply = await stranger.call<Problem>(request.replace(':id', id), withKnown(body, bob.id))
      expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
    expect(await alice.chat(group.id)).toMatchObject({ version: 1, lastSeq: 0, title: 'Group' })
  },
)

/** Unknown users would be the first error otherwise. */
const withKnown = (body: unknown, id: string) =>
  typeof body === 'object' && body !== null && 'userIds' in body ? { userIds: [id] } : body

test.each(ofConversation)('%s answers not_found to a former participant', async (request, body) => {
  const [alice, bob] = [await messages.join(), await messages.join()]
  const group = await messages.group(alice, [bob])
  await bob.call(`DELETE /v1/conversations/${group.id}/participants/${bob.id}`)
  const reply = await bob.call<Problem>(request.replace(':id', group.id), withKnown(body, bob.id))
  expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test.each(['/internal/sends', '/internal/memberships', '/internal/markers'])(
  'POST %s is for services only',
  async (path) => {
    const alice = await messages.join()
    const request = `POST ${path}`
    for (const options of [{ body: {} }, { body: {}, token: alice.token }]) {
      expect((await messages.call(request, options)).status).toBe(401)
    }
    expect((await messages.internal(request, {})).status).toBe(400)
  },
)

test('a message of strangers answers not_found', async () => {
  const [alice, bob, stranger] = [await messages.join(), await messages.join(), await messages.join()]
  const chat = await messages.direct(alice, bob)
  const { id } = await alice.say(chat.id, 'hi')
  expect((await bob.call(`GET /v1/messages/${id}`)).status).toBe(200)
  expect((await stranger.call(`GET /v1/messages/${id}`)).status).toBe(404)
})
