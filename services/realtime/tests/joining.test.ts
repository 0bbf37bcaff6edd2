import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { type Environment, startEnvironment } from './fixture/start-environment.ts'
import { newWho } from './fixture/start-fake-users.ts'
import { toParticipant } from './fixture/to-participant.ts'

/** Holds the answer about memberships back, as it was made, until released. */
function holdAnswers({ fakeMessages }: Environment) {
  const asked = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  fakeMessages.beforeMemberships = () => {
    asked.resolve()
    return held.promise
  }
  const release = () => {
    fakeMessages.beforeMemberships = async () => {}
    held.resolve()
  }
  return { asked: asked.promise, release }
}

/** Someone else of the conversation, who shows that this node has read so far. */
async function enterWitness(environment: Environment, ...chats: string[]) {
  const witness = newWho()
  for (const chat of chats) environment.fakeMessages.members.get(chat)?.set(witness.userId, 1)
  return environment.enter(witness)
}

test('a removal while the rooms are being joined holds', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const witness = await enterWitness(environment, chat)
  const { asked, release } = holdAnswers(environment)
  const annas = await environment.openConnection(anna)
  await asked

  await environment.fakeMessages.tell(chat, 'participant.removed', { userId: anna.userId })
  await eventually(() => expect(witness.facts()).toHaveLength(1))
  release()
  await annas.hears('ready')
  await environment.fakeMessages.say(chat, 'without anna')

  await eventually(() => expect(witness.texts()).toEqual(['without anna']))
  expect(annas.facts()).toEqual([])
})

test('an addition while the rooms are being joined holds', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  const { asked, release } = holdAnswers(environment)
  const annas = await environment.openConnection(anna)
  await asked

  await environment.fakeMessages.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await eventually(() => expect(witness.facts()).toHaveLength(1))
  release()
  await annas.hears('ready')
  await environment.fakeMessages.say(chat, 'with anna')

  await eventually(() => expect(annas.texts()).toEqual(['with anna']))
})

test('a stream that lags brings nothing from before someone joined', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  // The messages service knows already what the stream will only bring: anna came with version 4.
  environment.fakeMessages.members.get(chat)?.set(anna.userId, 4)
  const annas = await environment.enter(anna)

  await environment.fakeMessages.say(chat, 'before 1')
  await environment.fakeMessages.say(chat, 'before 2')
  await environment.fakeMessages.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await environment.fakeMessages.say(chat, 'after')

  await eventually(() => expect(annas.texts()).toEqual(['after']))
  expect(annas.facts().map(({ version }) => version)).toEqual([4, 5])
  expect(witness.texts()).toEqual(['before 1', 'before 2', 'after'])
})

test('a removal from before someone came back does not shut them out', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  environment.fakeMessages.members.get(chat)?.set(anna.userId, 3)
  const annas = await environment.enter(anna)

  await environment.fakeMessages.tell(chat, 'participant.removed', { userId: anna.userId })
  await environment.fakeMessages.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await environment.fakeMessages.say(chat, 'welcome back')

  await eventually(() => expect(annas.texts()).toEqual(['welcome back']))
  expect(witness.facts()).toHaveLength(3)
})

test('while the messages service is away a socket waits, and is ready once it is back', async () => {
  await using environment = await startEnvironment()
  await environment.fakeMessages.stop()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.openConnection(anna)
  await eventually(() => expect(annas.socket.connected).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(annas.heard('ready')).toEqual([])
  const typing = await annas.ask('typing', { conversationId: chat, active: true })
  expect(typing).toMatchObject({ ok: false, error: { code: 'unavailable' } })

  await environment.fakeMessages.start()
  const ready = await annas.hears('ready')
  expect(ready).toMatchObject(anna)
  await environment.fakeMessages.say(chat, 'hello')
  await eventually(() => expect(annas.texts()).toEqual(['hello']))
})

test('many who come at once are looked up together', async () => {
  await using environment = await startEnvironment()
  let questions = 0
  environment.fakeMessages.beforeMemberships = async () => {
    questions += 1
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await Promise.all(Array.from({ length: 60 }, () => environment.enter(newWho())))
  expect(questions).toBeLessThan(30)
})

test('people whose memberships do not fit into one answer are asked for again, and all of them join', async () => {
  await using environment = await startEnvironment()
  environment.fakeMessages.answersAtMost = 1
  const who = Array.from({ length: 4 }, newWho)
  const chats = who.map(({ userId }) => environment.fakeMessages.conversationOf(userId))
  const devices = await Promise.all(who.map((one) => environment.enter(one)))
  for (const [i, chat] of chats.entries()) {
    await environment.fakeMessages.say(chat, 'hello')
    await eventually(() => expect(devices[i]?.heard('events').flat()).toHaveLength(1))
  }
})
