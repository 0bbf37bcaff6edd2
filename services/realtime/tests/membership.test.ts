import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import type { Device } from './fixture/person.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
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

/** A new group of more than 120 people, and its first fact, yet to be published. */
function found({ archive }: World, { named, unnamed }: { named: string[]; unnamed: string[] }) {
  const userIds = [...named, ...Array.from({ length: 120 }, () => newId()), ...unnamed]
  const group = archive.conversationOf(...userIds)
  const event = { conversationId: group, version: 1, actorId: newId(), at: new Date().toISOString() }
  const created = { ...event, type: 'conversation.created' as const, data: toGroup(group, userIds) }
  return { group, userIds, created }
}

test('a new group of more than a hundred reaches everyone of it who is here, and no more than its event says', async () => {
  await using world = await startWorld({ nodes: 2 })
  const [first, last, stranger] = [newWho(), newWho(), newWho()]
  const [firsts, lasts] = [await world.enter(first, 0), await world.enter(last, 1)]
  const strangers = await world.enter(stranger, 1)
  const questions: string[] = []
  world.archive.beforeMemberships = async () => void questions.push('who takes part in what')
  const people = { named: [first.userId], unnamed: [last.userId] }
  const { group, userIds, created } = found(world, people)

  await Promise.all([
    world.archive.publish({ ...created, founders: userIds }),
    world.archive.say(group, 'hello'),
  ])

  for (const device of [firsts, lasts]) {
    await eventually(() => expect(device.texts()).toEqual(['hello']))
    expect(device.facts()[0]).toEqual(created)
  }
  await strangers.ask('typing', { conversationId: group, active: true })
  expect(strangers.facts()).toEqual([])
  expect(questions).toEqual([])
})

test('someone of a large group who is removed as it begins hears of nothing that follows', async () => {
  await using world = await startWorld()
  const [first, last] = [newWho(), newWho()]
  const [firsts, lasts] = [await world.enter(first), await world.enter(last)]
  const people = { named: [first.userId], unnamed: [last.userId] }
  const { group, userIds, created } = found(world, people)

  await Promise.all([
    world.archive.publish({ ...created, founders: userIds }),
    world.archive.say(group, 'with them'),
    world.archive.tell(group, 'participant.removed', { userId: last.userId }),
    world.archive.say(group, 'without them'),
  ])

  await eventually(() => expect(firsts.texts()).toEqual(['with them', 'without them']))
  await lasts.ask('typing', { conversationId: group, active: true })
  const heard = ['conversation.created', 'message.created', 'participant.removed']
  expect(types(lasts)).toEqual(heard)
})

test('a large group whose event does not say who all are reaches those it does not name after they are told to sync', async () => {
  await using world = await startWorld()
  const [last, stranger] = [newWho(), newWho()]
  const [lasts, strangers] = [await world.enter(last), await world.enter(stranger)]
  const { group, created } = found(world, { named: [], unnamed: [last.userId] })

  await world.archive.publish(created)
  const told = { reason: 'Not everyone of a new group was named' }
  for (const device of [lasts, strangers])
    await eventually(() => expect(device.heard('resync')).toContainEqual(told))
  await world.archive.say(group, 'hello')

  await eventually(() => expect(lasts.texts()).toEqual(['hello']))
  await strangers.ask('typing', { conversationId: group, active: true })
  expect(strangers.facts()).toEqual([])
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
