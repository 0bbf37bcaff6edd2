import { type Conversation, type Invite, newId, type PublicUser } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countLookups } from './fixture/count-lookups.ts'
import { publishUsers } from './fixture/publish-users.ts'
import { type AllServices, type Person, startAllServices } from './fixture/start-all-services.ts'

let services: AllServices
beforeAll(async () => {
  services = await startAllServices()
}, 60_000)
afterAll(() => services[Symbol.asyncDispose]())

/**
 * The copy of profiles in the messages service follows by events: someone new is known a moment
 * later.
 */
const makeGroup = (owner: Person, ...others: Pick<Person, 'id'>[]) =>
  eventually(() =>
    services.call<Conversation>(owner, 'POST /v1/conversations', {
      kind: 'group',
      title: 'Us',
      userIds: others.map(({ id }) => id),
    }),
  )

test('what is sent by REST and by socket reaches the others on another node, through all services', async () => {
  const [anna, ben] = await Promise.all([services.register('anna'), services.register('ben')])
  const annas = await services.connect(anna, 0)
  const bens = await services.connect(ben, 1)
  const { id: chat } = await makeGroup(anna, ben)
  for (const device of [annas, bens]) {
    await eventually(() => expect(device.events()[0]?.type).toBe('conversation.created'))
  }

  await services.call(anna, `POST /v1/conversations/${chat}/messages`, { id: newId(), text: 'by REST' })
  const id = newId()
  const send = () => bens.request('send', { conversationId: chat, id, text: 'by socket' })
  const reply = await send()
  expect(reply).toMatchObject({ ok: true, message: { id, seq: 2, senderId: ben.id } })
  expect(await send()).toEqual(reply)

  for (const device of [annas, bens]) {
    await eventually(() => expect(device.texts()).toEqual(['by REST', 'by socket']))
    expect(device.events().map(({ version }) => version)).toEqual([1, 2, 3])
  }
})

test('however long the messages of people are who send at once, each is taken', async () => {
  const people = await Promise.all([services.register('lena'), services.register('moritz')])
  const sends = people.map(async (person) => {
    const { id: chat } = await makeGroup(person)
    const device = await services.connect(person, 0)
    const text = '語'.repeat(8000)
    const all = Array.from({ length: 15 }, () =>
      device.request('send', { conversationId: chat, id: newId(), text }),
    )
    return Promise.all(all)
  })
  const replies = (await Promise.all(sends)).flat()
  expect(replies.filter(({ ok }) => !ok)).toEqual([])
})

test('typing and markers cross nodes', async () => {
  const [anna, ben] = await Promise.all([services.register('clara'), services.register('david')])
  const { id: chat } = await makeGroup(anna, ben)
  const annas = await services.connect(anna, 0)
  const bens = await services.connect(ben, 1)
  await annas.request('send', { conversationId: chat, id: newId(), text: 'hello' })
  await eventually(() => expect(bens.texts()).toEqual(['hello']))

  await bens.request('typing', { conversationId: chat, active: true })
  expect(await annas.waitFor('typing')).toEqual({ conversationId: chat, userId: ben.id, active: true })
  expect(await bens.request('read', { conversationId: chat, seq: 1 })).toEqual({ ok: true })
  await eventually(() =>
    expect(annas.received('marker')).toContainEqual(expect.objectContaining({ userId: ben.id, readSeq: 1 })),
  )
  const refusal = await bens.request('read', { conversationId: newId(), seq: 1 })
  expect(refusal).toMatchObject({ ok: false, error: { code: 'not_found' } })
})

test('people who join and leave while connected get their events and no more', async () => {
  const [anna, ben] = await Promise.all([services.register('emma'), services.register('felix')])
  const { id: chat } = await makeGroup(anna)
  const annas = await services.connect(anna, 0)
  const bens = await services.connect(ben, 1)
  const say = (text: string) => annas.request('send', { conversationId: chat, id: newId(), text })

  await say('before')
  await eventually(() =>
    services.call(anna, `POST /v1/conversations/${chat}/participants`, { userIds: [ben.id] }),
  )
  await say('with ben')
  await services.call(anna, `DELETE /v1/conversations/${chat}/participants/${ben.id}`)
  await say('without ben')

  await eventually(() => expect(annas.texts()).toEqual(['before', 'with ben', 'without ben']))
  await eventually(() => expect(bens.events().at(-1)?.type).toBe('participant.removed'))
  expect(bens.texts()).toEqual(['with ben'])
})

test('a new group of 150 is heard from its start by those of it who are connected, by nobody else, and nothing is looked up for it', async () => {
  const anna = await services.register('nora')
  const many = await publishUsers(services, 147)
  const [ben, carl] = await Promise.all([services.register('otto'), services.register('paula')])
  const dora = await services.register('quentin')
  const [annas, bens, carls] = [
    await services.connect(anna, 0),
    await services.connect(ben, 1),
    await services.connect(carl, 1),
  ]
  const doras = await services.connect(dora, 1)
  const lookups = await countLookups(services)
  expect(lookups).toBeGreaterThan(0)

  const { id: chat, participantCount, participants } = await makeGroup(anna, ...many, ben, carl)
  expect(participantCount).toBe(150)
  for (const { id } of [ben, carl]) expect(participants.map(({ userId }) => userId)).not.toContain(id)
  const say = (text: string) => annas.request('send', { conversationId: chat, id: newId(), text })
  await say('hello')
  for (const device of [annas, bens, carls]) {
    await eventually(() => expect(device.texts()).toEqual(['hello']))
    expect(device.events().map(({ version }) => version)).toEqual([1, 2])
    expect(device.events()[0]).not.toHaveProperty('founders')
  }
  const stranger = await doras.request('typing', { conversationId: chat, active: true })
  expect(stranger).toMatchObject({ ok: false, error: { code: 'not_found' } })
  expect(doras.events()).toEqual([])

  await services.call(anna, `DELETE /v1/conversations/${chat}/participants/${carl.id}`)
  const { code } = await services.call<Invite>(anna, `POST /v1/conversations/${chat}/invites`, {})
  await services.call(dora, `POST /v1/invites/${code}`)
  await say('with dora, without carl')
  for (const [device, texts] of [
    [annas, ['hello', 'with dora, without carl']],
    [bens, ['hello', 'with dora, without carl']],
    [doras, ['with dora, without carl']],
  ] as const)
    await eventually(() => expect(device.texts()).toEqual(texts))
  await carls.request('typing', { conversationId: chat, active: true })
  expect(carls.texts()).toEqual(['hello'])
  expect(await countLookups(services)).toBe(lookups)
})

test('people who block each other see nothing of each other, and others go on to', async () => {
  const [anna, ben] = await Promise.all([services.register('ingrid'), services.register('jakob')])
  const annas = await services.connect(anna, 0)
  const bens = await services.connect(ben, 1)
  const statuses = () => bens.received('presence').map(({ status }) => status)
  await bens.request('watch', { userIds: [anna.id] })
  await eventually(() => expect(statuses()).toEqual(['online']))

  await services.call(anna, `PUT /v1/users/me/blocks/${ben.id}`)
  await eventually(() => expect(statuses()).toEqual(['online', 'offline']))
  await services.call(anna, `DELETE /v1/users/me/blocks/${ben.id}`)
  await eventually(() => expect(statuses()).toEqual(['online', 'offline', 'online']))

  annas.socket.disconnect()
  await eventually(() => expect(statuses().at(-1)).toBe('offline'), { within: 15_000 })
  const wentAt = bens.received('presence').at(-1)?.lastSeenAt
  await eventually(async () => {
    const { lastSeenAt } = await services.call<PublicUser>(ben, `GET /v1/users/${anna.id}`)
    expect(lastSeenAt).toBe(wentAt)
  })
})

/** Whatever a token still opens. */
async function isRefused(person: Person) {
  const status = async (url: string) =>
    (await fetch(url, { headers: { authorization: `Bearer ${person.accessToken}` } })).status
  expect(await status(`${services.messages.url}/v1/conversations`)).toBe(401)
  expect(await status(`${services.users.url}/v1/users?query=somebody`)).toBe(401)
}

test('logging out ends the sockets of that session, and its token is refused everywhere', async () => {
  const anna = await services.register('greta')
  const devices = [await services.connect(anna, 0), await services.connect(anna, 1)]
  await services.call(anna, 'POST /v1/auth/logout')
  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('io server disconnect'))
  await eventually(() => isRefused(anna))
})

test('so it is while Redis hangs, within five seconds', async () => {
  const anna = await services.register('karla')
  const devices = [await services.connect(anna, 0), await services.connect(anna, 1)]
  await services.call(anna, 'GET /v1/conversations')
  process.kill(services.redis.pid, 'SIGSTOP')
  await services.call(anna, 'POST /v1/auth/logout')

  const isOver = async () => {
    for (const device of devices) expect(device.endedBy()).toBe('io server disconnect')
    await isRefused(anna)
  }
  await eventually(isOver, { within: 5000 })
  process.kill(services.redis.pid, 'SIGCONT')
})

test('when the messages service dies sockets stay, and their sends are refused soon', async () => {
  const anna = await services.register('henry')
  const { id: chat } = await makeGroup(anna)
  const annas = await services.connect(anna, 0)
  const send = (text: string) => annas.request('send', { conversationId: chat, id: newId(), text })
  expect(await send('before')).toMatchObject({ ok: true })
  await services.messages.kill()
  expect(await send('lost')).toMatchObject({ ok: false, error: { code: 'unavailable' } })
  expect(annas.endedBy()).toBeUndefined()
})
