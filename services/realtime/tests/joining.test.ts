import { eventually } from '@finnigram/testing'
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
  return environment.connect(witness)
}

test('a removal during the join is applied', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const witness = await enterWitness(environment, chat)
  const { asked, release } = holdAnswers(environment)
  const annas = await environment.openConnection(anna)
  await asked

  await environment.fakeMessages.publishEvent(chat, 'participant.removed', { userId: anna.userId })
  await eventually(() => expect(witness.events()).toHaveLength(1))
  release()
  await annas.waitFor('ready')
  await environment.fakeMessages.say(chat, 'without anna')

  await eventually(() => expect(witness.texts()).toEqual(['without anna']))
  expect(annas.events()).toEqual([])
})

test('an addition during the join is applied', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  const { asked, release } = holdAnswers(environment)
  const annas = await environment.openConnection(anna)
  await asked

  await environment.fakeMessages.publishEvent(chat, 'participant.added', {
    participant: toParticipant(anna.userId),
  })
  await eventually(() => expect(witness.events()).toHaveLength(1))
  release()
  await annas.waitFor('ready')
  await environment.fakeMessages.say(chat, 'with anna')

  await eventually(() => expect(annas.texts()).toEqual(['with anna']))
})

test('a lagging stream brings nothing from before a person joined', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  // The messages service knows already what the stream will only bring: anna came with version 4.
  environment.fakeMessages.members.get(chat)?.set(anna.userId, 4)
  const annas = await environment.connect(anna)

  await environment.fakeMessages.say(chat, 'before 1')
  await environment.fakeMessages.say(chat, 'before 2')
  await environment.fakeMessages.publishEvent(chat, 'participant.added', {
    participant: toParticipant(anna.userId),
  })
  await environment.fakeMessages.say(chat, 'after')

  await eventually(() => expect(annas.texts()).toEqual(['after']))
  expect(annas.events().map(({ version }) => version)).toEqual([4, 5])
  expect(witness.texts()).toEqual(['before 1', 'before 2', 'after'])
})

test('a removal from before a return is ignored', async () => {
  await using environment = await startEnvironment()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf()
  const witness = await enterWitness(environment, chat)
  environment.fakeMessages.members.get(chat)?.set(anna.userId, 3)
  const annas = await environment.connect(anna)

  await environment.fakeMessages.publishEvent(chat, 'participant.removed', { userId: anna.userId })
  await environment.fakeMessages.publishEvent(chat, 'participant.added', {
    participant: toParticipant(anna.userId),
  })
  await environment.fakeMessages.say(chat, 'welcome back')

  await eventually(() => expect(annas.texts()).toEqual(['welcome back']))
  expect(witness.events()).toHaveLength(3)
})

test('while the messages service is away a socket waits, and is ready once it is back', async () => {
  await using environment = await startEnvironment()
  await environment.fakeMessages.stop()
  const anna = newWho()
  const chat = environment.fakeMessages.conversationOf(anna.userId)
  const annas = await environment.openConnection(anna)
  await eventually(() => expect(annas.socket.connected).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(annas.received('ready')).toEqual([])
  const typing = await annas.request('typing', { conversationId: chat, active: true })
  expect(typing).toMatchObject({ ok: false, error: { code: 'unavailable' } })

  await environment.fakeMessages.start()
  const ready = await annas.waitFor('ready')
  expect(ready).toMatchObject(anna)
  await environment.fakeMessages.say(chat, 'hello')
  await eventually(() => expect(annas.texts()).toEqual(['hello']))
})

test('memberships of many new sockets are loaded in one call', async () => {
  await using environment = await startEnvironment()
  let questions = 0
  environment.fakeMessages.beforeMemberships = async () => {
    questions += 1
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await Promise.all(Array.from({ length: 60 }, () => environment.connect(newWho())))
  expect(questions).toBeLessThan(30)
})

test('memberships that do not fit into one reply are loaded again, and all sockets join', async () => {
  await using environment = await startEnvironment()
  environment.fakeMessages.answersAtMost = 1
  const who = Array.from({ length: 4 }, newWho)
  const chats = who.map(({ userId }) => environment.fakeMessages.conversationOf(userId))
  const devices = await Promise.all(who.map((one) => environment.connect(one)))
  for (const [i, chat] of chats.entries()) {
    await environment.fakeMessages.say(chat, 'hello')
    await eventually(() => expect(devices[i]?.received('events').flat()).toHaveLength(1))
  }
})
