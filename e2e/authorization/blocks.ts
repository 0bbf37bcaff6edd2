import { type Conversation, newId } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { openSocket } from '../src/open-socket.ts'
import type { Environment } from './environment/environment.ts'
import { done, type Person } from './environment/person.ts'
import { createPrivateGroup } from './environment/private-group.ts'

/** Two people who have talked, and then one blocks the other. */
async function partedPair({ url, newPerson }: Environment) {
  const [blocker, blocked] = await Promise.all([newPerson(), newPerson()])
  const body = { kind: 'direct', userId: blocked.userId }
  const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token: blocker.token, body })
  const message = { id: newId(), text: 'Before we parted' }
  await done(url, `POST /v1/conversations/${id}/messages`, { token: blocker.token, body: message })
  await done(url, `PUT /v1/users/me/blocks/${blocked.userId}`, { token: blocker.token })
  return { blocker, blocked, id, messageId: message.id }
}

/** A block stands between two people, whoever of them has made it, and between them alone. */
export function testBlocks(environment: () => Environment): void {
  test.each(['the blocked', 'the blocker'])(
    '%s cannot reach the other any more, and reads what was',
    async (who) => {
      const { url } = environment()
      const pair = await partedPair(environment())
      const [me, other] = who === 'the blocked' ? [pair.blocked, pair.blocker] : [pair.blocker, pair.blocked]
      const { token } = me
      const send = (id: string) =>
        ask(url, `POST /v1/conversations/${id}/messages`, { token, body: { id: newId(), text: 'Hello?' } })

      await expect.poll(async () => (await send(pair.id)).status).toBe(403)
      const batch = { messages: [{ conversationId: pair.id, id: newId(), text: 'Hello?' }] }
      const results = await ask(url, 'POST /v1/messages', { token, body: batch })
      expect(results.body).toMatchObject({ items: [{ status: 403, error: { code: 'forbidden' } }] })
      expect((await ask(url, `GET /v1/messages/${pair.messageId}`, { token })).status).toBe(200)
      expect((await ask(url, `GET /v1/users/${other.userId}`, { token })).status).toBe(404)
      const looked = await ask(url, 'POST /v1/users/lookup', { token, body: { ids: [other.userId] } })
      expect(looked.body).toEqual({ items: [] })
      const found = await ask(url, 'GET /v1/users', { token, query: { query: other.username } })
      expect(found.text).not.toContain(other.userId)
    },
  )

  test('nobody is drawn into a group by who is blocked or has blocked them, in the words for who does not exist', async () => {
    const { url } = environment()
    const pair = await partedPair(environment())
    const draw = ({ token }: Person, userId: string) =>
      ask(url, 'POST /v1/conversations', { token, body: { kind: 'group', title: 'Come', userIds: [userId] } })
    const wordsOf = (text: string) => text.replace(/"requestId":"[^"]*"/, '')

    for (const [me, other] of [
      [pair.blocked, pair.blocker],
      [pair.blocker, pair.blocked],
    ] as const) {
      await expect.poll(async () => (await draw(me, other.userId)).status).toBe(400)
      const refused = await draw(me, other.userId)
      expect(wordsOf(refused.text)).toBe(wordsOf((await draw(me, newId())).text))
      const group = await createPrivateGroup(url, { owner: me })
      const add = (userId: string) =>
        ask(url, `POST /v1/conversations/${group.id}/participants`, {
          token: me.token,
          body: { userIds: [userId] },
        })
      expect(wordsOf((await add(other.userId)).text)).toBe(wordsOf((await add(newId())).text))
    }
  })

  test('the presence of who is on the other side of a block is not told', async () => {
    const { url } = environment()
    const { blocked, blocker } = await partedPair(environment())
    using theirs = await openSocket(url, { token: blocker.token })
    await theirs.hears('ready')
    using mine = await openSocket(url, { token: blocked.token })
    await mine.hears('ready')
    expect(await mine.request('watch', { userIds: [blocker.userId, blocked.userId] })).toMatchObject({
      ok: true,
    })
    await mine.hears('presence', (data) => (data as { userId: string }).userId === blocked.userId)
    await theirs.request('away')
    await mine.request('back')
    const told = mine.heard.filter(
      ({ event, data }) => event === 'presence' && (data as { userId: string }).userId === blocker.userId,
    )
    expect(told.filter(({ data }) => (data as { status: string }).status !== 'offline')).toEqual([])
    expect(told.filter(({ data }) => (data as { lastSeenAt: unknown }).lastSeenAt !== null)).toEqual([])
  })

  test('in a group they share, neither is told what the other changes about themselves', async () => {
    const { url, newPerson } = environment()
    const [owner, member, third] = await Promise.all([newPerson(), newPerson(), newPerson()])
    await createPrivateGroup(url, { owner, members: [member, third] })
    await done(url, `PUT /v1/users/me/blocks/${member.userId}`, { token: owner.token })
    const people = [owner, member, third]
    const sockets = await Promise.all(people.map(({ token }) => openSocket(url, { token })))
    const [owners, members, thirds] = sockets
    await Promise.all(sockets.map((socket) => socket.hears('ready')))
    const changes = (socket: (typeof sockets)[number] | undefined) =>
      (socket?.heard ?? [])
        .filter(({ event, data }) => event === 'account' && JSON.stringify(data).includes('user.updated'))
        .map(({ data }) => (data as { data: { user: { bio: string } } }).data.user.bio)
    for (const { token, username } of [owner, member])
      await done(url, 'PATCH /v1/users/me', { token, body: { bio: `I am ${username}` } })

    const bios = [`I am ${owner.username}`, `I am ${member.username}`]
    await expect.poll(() => changes(thirds).toSorted(), { timeout: 5000 }).toEqual(bios.toSorted())
    await expect.poll(() => [changes(owners), changes(members)]).toEqual([bios.slice(0, 1), bios.slice(1)])
    for (const socket of sockets) socket[Symbol.dispose]()
  })

  test('groups that both are in go on', async () => {
    const { url, newPerson } = environment()
    const [owner, member] = await Promise.all([newPerson(), newPerson()])
    const group = await createPrivateGroup(url, { owner, members: [member] })
    await done(url, `PUT /v1/users/me/blocks/${member.userId}`, { token: owner.token })
    await group.messageOf(owner)
    await group.messageOf(member)
    const { text } = await ask(url, `GET /v1/conversations/${group.id}/messages`, { token: member.token })
    expect(text).toContain(`${group.canary} text of ${owner.username}`)
  })
}
