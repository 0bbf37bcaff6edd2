import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import type { Device } from './fixture/open-device.ts'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toGroup, toParticipant } from './fixture/to-participant.ts'

const types = (device: Device) => device.events().map(({ type }) => type)

test('a connected person who is added gets that event and all later ones, and none from before', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  await environment.connect(anna, 0)
  const bens = await environment.connect(ben, 1)

  await Promise.all([
    environment.fakeMessages.say(chat, 'before'),
    environment.fakeMessages.publishEvent(chat, 'participant.added', {
      participant: toParticipant(ben.userId),
    }),
    environment.fakeMessages.say(chat, 'after'),
  ])

  await eventually(() => expect(bens.texts()).toEqual(['after']))
  expect(types(bens)).toEqual(['participant.added', 'message.created'])
})

test('additions of many offline people are emitted in few frames', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.connect(anna)

  const many = Array.from({ length: 200 }, () => toParticipant(newId()))
  await Promise.all(
    many.map((participant) =>
      environment.fakeMessages.publishEvent(chat, 'participant.added', { participant }),
    ),
  )

  await eventually(() => expect(annas.events()).toHaveLength(200))
  expect(annas.received('events').length).toBeLessThan(100)
})

test('a removed person gets that event and nothing later', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId, ben.userId)
  const annas = await environment.connect(anna, 0)
  const bens = [await environment.connect(ben, 1), await environment.connect(newWho(ben.userId), 0)]

  await Promise.all([
    environment.fakeMessages.say(chat, 'before'),
    environment.fakeMessages.publishEvent(chat, 'participant.removed', { userId: ben.userId }),
    environment.fakeMessages.say(chat, 'after'),
  ])

  await eventually(() => expect(annas.texts()).toEqual(['before', 'after']))
  for (const device of bens) {
    await eventually(() => expect(types(device)).toEqual(['message.created', 'participant.removed']))
  }
})

test('a person removed and added again at once is a member', async () => {
  await using environment = await startEnvironment()
  const ben = newWho()
  const chat = environment.fakeMessages.conversationOf(ben.userId)
  const bens = await environment.connect(ben)

  await Promise.all([
    environment.fakeMessages.publishEvent(chat, 'participant.removed', { userId: ben.userId }),
    environment.fakeMessages.say(chat, 'behind their back'),
    environment.fakeMessages.publishEvent(chat, 'participant.added', {
      participant: toParticipant(ben.userId),
    }),
    environment.fakeMessages.say(chat, 'welcome back'),
  ])

  await eventually(() => expect(bens.texts()).toEqual(['welcome back']))
})

test('a new conversation reaches all its connected participants', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const devices = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
  const chat = newId()

  await environment.fakeMessages.publishEvent(
    chat,
    'conversation.created',
    toGroup(chat, [anna.userId, ben.userId]),
  )
  await environment.fakeMessages.say(chat, 'hello')

  for (const device of devices) {
    await eventually(() => expect(types(device)).toEqual(['conversation.created', 'message.created']))
  }
})

/** A new group of more than 120 people, and its first fact, yet to be published. */
function found({ fakeMessages }: Environment, { named, unnamed }: { named: string[]; unnamed: string[] }) {
  const userIds = [...named, ...Array.from({ length: 120 }, () => newId()), ...unnamed]
  const group = fakeMessages.conversationOf(...userIds)
  const event = { conversationId: group, version: 1, actorId: newId(), at: new Date().toISOString() }
  const created = { ...event, type: 'conversation.created' as const, data: toGroup(group, userIds) }
  return { group, userIds, created }
}

test('a new group of more than a hundred reaches everyone of it who is here, and no more than its event says', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [first, last, stranger] = [newWho(), newWho(), newWho()]
  const [firsts, lasts] = [await environment.connect(first, 0), await environment.connect(last, 1)]
  const strangers = await environment.connect(stranger, 1)
  const questions: string[] = []
  environment.fakeMessages.beforeMemberships = async () => void questions.push('who takes part in what')
  const people = { named: [first.userId], unnamed: [last.userId] }
  const { group, userIds, created } = found(environment, people)

  await Promise.all([
    environment.fakeMessages.publish({ ...created, founders: userIds }),
    environment.fakeMessages.say(group, 'hello'),
  ])

  for (const device of [firsts, lasts]) {
    await eventually(() => expect(device.texts()).toEqual(['hello']))
    expect(device.events()[0]).toEqual(created)
  }
  await strangers.request('typing', { conversationId: group, active: true })
  expect(strangers.events()).toEqual([])
  expect(questions).toEqual([])
})

test('someone of a large group who is removed as it begins hears of nothing that follows', async () => {
  await using environment = await startEnvironment()
  const [first, last] = [newWho(), newWho()]
  const [firsts, lasts] = [await environment.connect(first), await environment.connect(last)]
  const people = { named: [first.userId], unnamed: [last.userId] }
  const { group, userIds, created } = found(environment, people)

  await Promise.all([
    environment.fakeMessages.publish({ ...created, founders: userIds }),
    environment.fakeMessages.say(group, 'with them'),
    environment.fakeMessages.publishEvent(group, 'participant.removed', { userId: last.userId }),
    environment.fakeMessages.say(group, 'without them'),
  ])

  await eventually(() => expect(firsts.texts()).toEqual(['with them', 'without them']))
  await lasts.request('typing', { conversationId: group, active: true })
  const heard = ['conversation.created', 'message.created', 'participant.removed']
  expect(types(lasts)).toEqual(heard)
})

test('a large group whose event does not say who all are reaches those it does not name after they are told to sync', async () => {
  await using environment = await startEnvironment()
  const [last, stranger] = [newWho(), newWho()]
  const [lasts, strangers] = [await environment.connect(last), await environment.connect(stranger)]
  const { group, created } = found(environment, { named: [], unnamed: [last.userId] })

  await environment.fakeMessages.publish(created)
  const told = { reason: 'Not everyone of a new group was named' }
  for (const device of [lasts, strangers])
    await eventually(() => expect(device.received('resync')).toContainEqual(told))
  await environment.fakeMessages.say(group, 'hello')

  await eventually(() => expect(lasts.texts()).toEqual(['hello']))
  await strangers.request('typing', { conversationId: group, active: true })
  expect(strangers.events()).toEqual([])
})

test('an answer to what was said before somebody came reaches them without what it quotes, then and when it is edited', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const [annas, bens] = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
  const before = await environment.fakeMessages.say(chat, 'a secret')
  await environment.fakeMessages.publishEvent(chat, 'participant.added', {
    participant: toParticipant(ben.userId),
  })
  if (before.type !== 'message.created') throw new Error('Nothing was said')
  const { message } = before.data
  const replyTo = { id: message.id, seq: 1, senderId: message.senderId, excerpt: 'a secret' }
  const answer = { ...message, id: newId(), text: 'an answer', seq: 2, version: 4, replyTo }
  const created = { ...before, version: 4, data: { message: answer } }
  const data = { message: { ...answer, text: 'a better answer', version: 5 } }
  const edited = { ...created, version: 5, type: 'message.edited' as const, data }
  for (const event of [created, edited])
    await environment.fakeMessages.publish({ ...event, unquotedFor: [ben.userId] })
  await environment.fakeMessages.publish({
    ...edited,
    version: 6,
    withheldFrom: [ben.userId],
    unquotedFor: [ben.userId],
  })

  await eventually(() => expect(annas.events()).toHaveLength(5))
  await eventually(() => expect(bens.events()).toHaveLength(4))
  expect(annas.events().slice(2, 4)).toEqual([created, edited])
  const unquoted = { replyTo: { ...replyTo, excerpt: '' } }
  expect(bens.events()).toMatchObject([
    { type: 'participant.added' },
    { version: 4, data: { message: { text: 'an answer', ...unquoted } } },
    { version: 5, data: { message: { text: 'a better answer', ...unquoted } } },
    { version: 6, type: 'conversation.updated', data: {} },
  ])
  expect(JSON.stringify(bens.events())).not.toContain('a secret')
  expect(JSON.stringify([annas.events(), bens.events()])).not.toContain('unquotedFor')
})

test('an edit of what was said before somebody came tells them no more than that something happened', async () => {
  await using environment = await startEnvironment({ nodes: 2 })
  const [anna, ben] = [newWho(), newWho()]
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const [annas, bens] = [await environment.connect(anna, 0), await environment.connect(ben, 1)]
  const said = await environment.fakeMessages.say(chat, 'before')
  const participant = toParticipant(ben.userId)
  await environment.fakeMessages.publishEvent(chat, 'participant.added', { participant })
  if (said.type !== 'message.created') throw new Error('Nothing was said')
  const message = { ...said.data.message, text: 'before, but better', version: 4 }
  const edited = { ...said, version: 4, type: 'message.edited' as const, data: { message } }
  await environment.fakeMessages.publish({ ...edited, withheldFrom: [ben.userId] })

  await eventually(() => expect(annas.events()).toHaveLength(3))
  await eventually(() => expect(types(bens)).toEqual(['participant.added', 'conversation.updated']))
  expect(annas.events().at(-1)).toEqual(edited)
  expect(bens.events().at(-1)).toMatchObject({ version: 4, data: {} })
  expect(JSON.stringify([annas.events(), bens.events()])).not.toContain('withheldFrom')
})
