import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import type { Device } from './fixture/person.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'
import { toGroup, toParticipant } from './fixture/to-participant.ts'

const types = (device: Device) => device.facts().map(({ type }) => type)

test('someone who is added while connected hears of it and of all that follows, and of nothing before', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId)
  await world.enter(anna, 0)
  const bens = await world.enter(ben, 1)

  await Promise.all([
    world.archive.say(chat, 'before'),
    world.archive.tell(chat, 'participant.added', { participant: toParticipant(ben.userId) }),
    world.archive.say(chat, 'after'),
  ])

  await eventually(() => expect(bens.texts()).toEqual(['after']))
  expect(types(bens)).toEqual(['participant.added', 'message.created'])
})

test('many who are added while away are told to those who are here in few frames', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.enter(anna)

  const crowd = Array.from({ length: 200 }, () => toParticipant(newId()))
  await Promise.all(
    crowd.map((participant) => world.archive.tell(chat, 'participant.added', { participant })),
  )

  await eventually(() => expect(annas.facts()).toHaveLength(200))
  expect(annas.heard('events').length).toBeLessThan(100)
})

test('someone who is removed hears of it, and of nothing that follows', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId, ben.userId)
  const annas = await world.enter(anna, 0)
  const bens = [await world.enter(ben, 1), await world.enter(newWho(ben.userId), 0)]

  await Promise.all([
    world.archive.say(chat, 'before'),
    world.archive.tell(chat, 'participant.removed', { userId: ben.userId }),
    world.archive.say(chat, 'after'),
  ])

  await eventually(() => expect(annas.texts()).toEqual(['before', 'after']))
  for (const device of bens) {
    await eventually(() => expect(types(device)).toEqual(['message.created', 'participant.removed']))
  }
})

test('removed and added again in one go, they are in', async () => {
  await using world = await startWorld()
  const ben = newWho()
  const chat = world.archive.conversationOf(ben.userId)
  const bens = await world.enter(ben)

  await Promise.all([
    world.archive.tell(chat, 'participant.removed', { userId: ben.userId }),
    world.archive.say(chat, 'behind their back'),
    world.archive.tell(chat, 'participant.added', { participant: toParticipant(ben.userId) }),
    world.archive.say(chat, 'welcome back'),
  ])

  await eventually(() => expect(bens.texts()).toEqual(['welcome back']))
})

test('a new conversation reaches everyone of it who is connected', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const devices = [await world.enter(anna, 0), await world.enter(ben, 1)]
  const chat = newId()

  await world.archive.tell(chat, 'conversation.created', toGroup(chat, [anna.userId, ben.userId]))
  await world.archive.say(chat, 'hello')

  for (const device of devices) {
    await eventually(() => expect(types(device)).toEqual(['conversation.created', 'message.created']))
  }
})

test('a new group of more than a hundred reaches those its event does not name', async () => {
  await using world = await startWorld()
  const [last, stranger] = [newWho(), newWho()]
  const crowd = Array.from({ length: 120 }, () => newId())
  const lasts = await world.enter(last)
  const strangers = await world.enter(stranger)
  const everyone = [...crowd, last.userId]
  const group = world.archive.conversationOf(...everyone)

  const event = { conversationId: group, version: 1, actorId: newId(), at: new Date().toISOString() }
  await world.archive.publish({
    ...event,
    type: 'conversation.created',
    data: toGroup(group, everyone),
  })
  await eventually(() => expect(types(lasts)).toEqual(['conversation.created']))
  await world.archive.say(group, 'hello')

  await eventually(() => expect(lasts.texts()).toEqual(['hello']))
  expect(strangers.facts()).toEqual([])
})

test('what is said while those a large group does not name cannot be looked up reaches them too', async () => {
  await using world = await startWorld()
  const last = newWho()
  const lasts = await world.enter(last)
  const everyone = [...Array.from({ length: 120 }, () => newId()), last.userId]
  const group = world.archive.conversationOf(...everyone)
  await world.archive.stop()

  const event = { conversationId: group, version: 1, actorId: newId(), at: new Date().toISOString() }
  await world.archive.publish({ ...event, type: 'conversation.created', data: toGroup(group, everyone) })
  await world.archive.say(group, 'one')
  await world.archive.say(group, 'two')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(lasts.facts()).toEqual([])
  await world.archive.start()

  await eventually(() => expect(lasts.texts()).toEqual(['one', 'two']))
  await world.archive.say(group, 'three')
  await eventually(() => expect(lasts.texts()).toEqual(['one', 'two', 'three']))
  expect(lasts.facts().map(({ version }) => version)).toEqual([1, 2, 3, 4])
})

test('of what is too much to keep until those a large group does not name are looked up, they are told to sync', async () => {
  await using world = await startWorld()
  const [first, last] = [newWho(), newWho()]
  const [firsts, lasts] = [await world.enter(first), await world.enter(last)]
  const everyone = [first.userId, ...Array.from({ length: 120 }, () => newId()), last.userId]
  const group = world.archive.conversationOf(...everyone)
  await world.archive.stop()

  const event = { conversationId: group, version: 1, actorId: newId(), at: new Date().toISOString() }
  await world.archive.publish({ ...event, type: 'conversation.created', data: toGroup(group, everyone) })
  for (let i = 0; i < 3; i += 1) await world.archive.say(group, 'x'.repeat(100_000))
  await eventually(() => expect(firsts.texts()).toHaveLength(3))
  await world.archive.start()

  await lasts.hears('resync')
  await world.archive.say(group, 'short again')
  await eventually(() => expect(lasts.texts()).toEqual(['short again']))
})

test('an answer to what was said before somebody came reaches them without what it quotes, then and when it is edited', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId)
  const [annas, bens] = [await world.enter(anna, 0), await world.enter(ben, 1)]
  const before = await world.archive.say(chat, 'a secret')
  await world.archive.tell(chat, 'participant.added', { participant: toParticipant(ben.userId) })
  if (before.type !== 'message.created') throw new Error('Nothing was said')
  const { message } = before.data
  const replyTo = { id: message.id, seq: 1, senderId: message.senderId, excerpt: 'a secret' }
  const answer = { ...message, id: newId(), text: 'an answer', seq: 2, version: 4, replyTo }
  const created = { ...before, version: 4, data: { message: answer } }
  const data = { message: { ...answer, text: 'a better answer', version: 5 } }
  const edited = { ...created, version: 5, type: 'message.edited' as const, data }
  for (const event of [created, edited]) await world.archive.publish({ ...event, unquotedFor: [ben.userId] })
  await world.archive.publish({
    ...edited,
    version: 6,
    withheldFrom: [ben.userId],
    unquotedFor: [ben.userId],
  })

  await eventually(() => expect(annas.facts()).toHaveLength(5))
  await eventually(() => expect(bens.facts()).toHaveLength(4))
  expect(annas.facts().slice(2, 4)).toEqual([created, edited])
  const unquoted = { replyTo: { ...replyTo, excerpt: '' } }
  expect(bens.facts()).toMatchObject([
    { type: 'participant.added' },
    { version: 4, data: { message: { text: 'an answer', ...unquoted } } },
    { version: 5, data: { message: { text: 'a better answer', ...unquoted } } },
    { version: 6, type: 'conversation.updated', data: {} },
  ])
  expect(JSON.stringify(bens.facts())).not.toContain('a secret')
  expect(JSON.stringify([annas.facts(), bens.facts()])).not.toContain('unquotedFor')
})

test('an edit of what was said before somebody came tells them no more than that something happened', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = world.archive.conversationOf(anna.userId)
  const [annas, bens] = [await world.enter(anna, 0), await world.enter(ben, 1)]
  const said = await world.archive.say(chat, 'before')
  const participant = toParticipant(ben.userId)
  await world.archive.tell(chat, 'participant.added', { participant })
  if (said.type !== 'message.created') throw new Error('Nothing was said')
  const message = { ...said.data.message, text: 'before, but better', version: 4 }
  const edited = { ...said, version: 4, type: 'message.edited' as const, data: { message } }
  await world.archive.publish({ ...edited, withheldFrom: [ben.userId] })

  await eventually(() => expect(annas.facts()).toHaveLength(3))
  await eventually(() => expect(types(bens)).toEqual(['participant.added', 'conversation.updated']))
  expect(annas.facts().at(-1)).toEqual(edited)
  expect(bens.facts().at(-1)).toMatchObject({ version: 4, data: {} })
  expect(JSON.stringify([annas.facts(), bens.facts()])).not.toContain('withheldFrom')
})
