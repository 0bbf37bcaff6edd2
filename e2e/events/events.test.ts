import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Conversation, conversationEventData } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { done, type Person, registerPerson } from '../authorization/environment/person.ts'
import { openSocket } from '../src/open-socket.ts'
import { type ServerSide, startServerSide } from '../src/start-server-side.ts'
import { eventCases } from './cases.ts'
import { afterEvents, catchUp, fetchFresh, fetchPins, listenTo, pinsAfter } from './device.ts'
import { assembleCast, type Cast, createFixture, type Fixture, stageOf } from './fixture.ts'

let server: ServerSide
let cast: Cast
beforeAll(async () => {
  server = await startServerSide()
  cast = await assembleCast(server.url)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

test('every type of event has a case', () => {
  const types = Object.keys(conversationEventData).filter((type) => type !== 'conversation.created')
  expect(Object.keys(eventCases).sort()).toEqual(types.sort())
})

const types = Object.keys(eventCases) as (keyof typeof eventCases)[]

test.each(types)('%s: what a device knew and the event make what a new device fetches', async (type) => {
  const fixture = await createFixture(server.url, cast)
  const act = await eventCases[type](fixture)
  const { owner, member } = cast
  const watchers = await Promise.all(
    [owner, member].map(async (person) => ({
      person,
      before: await fetchFresh(fixture, person),
      pins: await fetchPins(fixture, person),
      live: await listenTo(server.url, person),
    })),
  )

  await act()

  for (const { person, before, pins, live } of watchers) {
    using _ = live
    const fresh = await fetchFresh(fixture, person)
    const heard = await live.until(fixture.id, fresh.conversation.version)
    const missed = await catchUp(fixture, person, before.conversation.version)

    expect(heard.map((event) => event.type)).toContain(type)
    expect(afterEvents(before, heard, person)).toEqual(fresh)
    expect(pinsAfter(pins, heard)).toEqual(await fetchPins(fixture, person))
    // What was told before the device looked may still be on its way to the socket.
    const news = heard.filter(({ version }) => version > before.conversation.version)
    expect(missed.events).toEqual(news)
    expect(missed.conversation).toEqual(fresh.conversation)
  }
})

test('conversation.created: the event carries what everyone in it fetches', async () => {
  const { url } = server
  const { owner, member } = cast
  using owners = await listenTo(url, owner)
  using members = await listenTo(url, member)
  const body = { kind: 'group', title: 'New', userIds: [member.userId] }
  const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token: owner.token, body })

  const fixture = stageOf(url, { id, ...cast })
  for (const [person, live] of [
    [owner, owners],
    [member, members],
  ] as const) {
    const fresh = await fetchFresh(fixture, person)
    const [created, ...rest] = await live.until(id, fresh.conversation.version)
    if (created?.type !== 'conversation.created') throw new Error(`First came ${created?.type}`)
    const { conversation } = created.data
    const { me } = fresh.conversation
    const before = { conversation: { ...conversation, version: 1, me }, messages: new Map() }
    expect(afterEvents(before, rest, person)).toEqual(fresh)
    expect((await catchUp(fixture, person, undefined)).conversation).toEqual(fresh.conversation)
  }
})

test('who is added hears of it at once, and fetches the group as it is from then on', async () => {
  const fixture = await createFixture(server.url, cast)
  const { owner, newcomer } = cast
  using live = await listenTo(server.url, newcomer)
  await fixture.call(owner, 'POST /participants', { userIds: [newcomer.userId] })
  await fixture.say(owner, 'Welcome')

  const fresh = await fetchFresh(fixture, newcomer)
  const heard = await live.until(fixture.id, fresh.conversation.version)
  expect(heard.map(({ type }) => type)).toEqual(['participant.added', 'message.created'])
  expect((await catchUp(fixture, newcomer, undefined)).conversation).toEqual(fresh.conversation)
  expect([...fresh.messages.values()].map(({ text }) => text)).toEqual(['Welcome'])
})

test('who is removed hears of it last of all, and is told nothing more when they come back', async () => {
  const fixture = await createFixture(server.url, cast)
  const { owner, member } = cast
  const before = await fetchFresh(fixture, member)
  using live = await listenTo(server.url, member)
  await fixture.say(owner, 'Goodbye')
  await fixture.call(owner, `DELETE /participants/${member.userId}`)
  await fixture.say(owner, 'They are gone')

  const { version } = before.conversation
  const heard = await live.until(fixture.id, version + 2)
  expect(heard.map(({ type }) => type)).toEqual(['message.created', 'participant.removed'])
  const missed = await catchUp(fixture, member, version)
  expect(missed.events).toEqual([])
  expect(missed.removed).toEqual([fixture.id])
})

test('who is invited hears of it at once, of the group nothing until they accept, and when it ends elsewhere', async () => {
  const fixture = await createFixture(server.url, cast)
  const { owner } = cast
  const invited = await registerPerson(server.url, 'invited')
  const { token } = invited
  const body = { preferences: { addToGroups: 'nobody' } }
  await done(server.url, 'PATCH /v1/users/me', { token, body })
  using socket = await openSocket(server.url, { token })
  await socket.hears('ready')
  const told = (type: string) => socket.hears('account', (data) => (data as { type: string }).type === type)

  await expect.poll(async () => (await addTo(fixture, invited)).participantCount).toBe(2)
  const { data } = (await told('conversation.invited')) as { data: { conversation: Conversation } }
  expect(data.conversation).toMatchObject({
    id: fixture.id,
    me: { state: 'invited', invitedBy: owner.userId },
  })
  const waiting = await done<{ items: Conversation[] }>(server.url, 'GET /v1/conversations?state=invited', {
    token,
  })
  expect(waiting.items).toEqual([data.conversation])

  await fixture.say(owner, 'Not for the invited')
  await fixture.call(invited, 'POST /accept')
  await told('conversation.invitation.ended')
  const welcome = await fixture.say(owner, 'Welcome')
  await socket.hears('events', (events) => JSON.stringify(events).includes(welcome.id))
  expect(JSON.stringify(socket.heard)).not.toContain('Not for the invited')
  const fresh = await fetchFresh(fixture, invited)
  expect(fresh.conversation.me).toMatchObject({ state: 'member', role: 'member' })
})

/** The preference may not be heard of yet: then the person is in, and is removed again. */
async function addTo(fixture: Fixture, person: Person): Promise<Conversation> {
  const { owner } = fixture
  const add = { userIds: [person.userId] }
  const added = await fixture.call<Conversation>(owner, 'POST /participants', add)
  if (added.participantCount > 2) await fixture.call(owner, `DELETE /participants/${person.userId}`)
  return added
}

test('the examples of the API guide run as they stand, and print what they say', async () => {
  const guide = await readFile(new URL('../../docs/api-guide.md', import.meta.url), 'utf8')
  const script = [...guide.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block).join('\n')
  const expected = [...script.matchAll(/^\/\/ → (.*)$/gm)].map(([, line]) => line)
  const tour = join(import.meta.dirname, `tour-${process.pid}.mjs`)
  await writeFile(tour, script)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tour], {
      env: { ...process.env, FINNIGRAM_URL: server.url },
      timeout: 60_000,
    })
    expect(stdout.trimEnd().split('\n')).toEqual(expected)
  } finally {
    await rm(tour)
  }
})
