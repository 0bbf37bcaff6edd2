import { type Conversation, newId, type PublicUser } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { type OpenSocket, openSocket } from '../src/open-socket.ts'
import type { Environment } from './environment/environment.ts'
import { done, type Person } from './environment/person.ts'

const relations = ['a stranger', 'a contact'] as const
const choices = ['everyone', 'contacts', 'nobody'] as const
type Choice = (typeof choices)[number]

const isShown = (choice: Choice, relation: (typeof relations)[number]) =>
  choice === 'everyone' || (choice === 'contacts' && relation === 'a contact')

/** Somebody with a socket who watches another; what they are told. */
async function watch(url: string, watcher: Person, { userId }: Person) {
  const socket = await openSocket(url, { token: watcher.token })
  await socket.hears('ready')
  await socket.request('watch', { userIds: [userId] })
  const told = () =>
    socket.heard
      .filter(({ event, data }) => event === 'presence' && (data as { userId: string }).userId === userId)
      .map(({ data }) => (data as { status: string }).status)
  return { socket, watcher, told }
}

const enter = async (url: string, { token }: Person): Promise<OpenSocket> => {
  const socket = await openSocket(url, { token })
  await socket.hears('ready')
  return socket
}

/**
 * Who may know when somebody was last seen may hear them come and go, and nobody else: they could
 * write it down.
 */
export function testLastSeen(environment: () => Environment): void {
  test('each choice counts for each relation, over REST and the socket, within seconds of being made', async () => {
    const { url, newPerson } = environment()
    const [me, stranger, contact] = await Promise.all([newPerson(), newPerson(), newPerson()])
    const body = { kind: 'direct', userId: contact.userId }
    const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token: me.token, body })
    const hello = { id: newId(), text: 'Hello' }
    await done(url, `POST /v1/conversations/${id}/messages`, { token: me.token, body: hello })
    using mine = await enter(url, me)
    const watchers = [await watch(url, stranger, me), await watch(url, contact, me)] as const

    for (const choice of [...choices, 'everyone', 'nobody'] as const) {
      const preferences = { preferences: { lastSeen: choice } }
      await done(url, 'PATCH /v1/users/me', { token: me.token, body: preferences })
      const shown = relations.map((relation) => isShown(choice, relation))
      const expected = shown.map((one) => (one ? 'online' : 'unknown'))
      await expect.poll(() => watchers.map(({ told }) => told().at(-1)), { timeout: 5000 }).toEqual(expected)
      const profiles = watchers.map(({ watcher: { token } }) =>
        done<PublicUser>(url, `GET /v1/users/${me.userId}`, { token }),
      )
      const seen = (await Promise.all(profiles)).map(({ lastSeenAt }) => lastSeenAt !== null)
      expect([choice, seen]).toEqual([choice, shown])

      const before = watchers.map(({ told }) => told().length)
      await mine.request('away')
      await mine.request('back')
      await expect
        .poll(() => watchers.map(({ told }, i) => told().slice(before[i])))
        .toEqual(shown.map((one) => (one ? ['away', 'online'] : [])))
    }
    for (const { socket } of watchers) socket[Symbol.dispose]()
    const found = await ask(url, 'GET /v1/users', { token: stranger.token, query: { query: me.username } })
    expect(found.body).toMatchObject({ items: [{ id: me.userId, lastSeenAt: null }] })
  })
}
