import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld, type World } from './fixture/start-world.ts'
import { toParticipant } from './fixture/to-participant.ts'

/** Holds the answer about memberships back, as it was made, until released. */
function holdAnswers({ archive }: World) {
  const asked = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  archive.beforeMemberships = () => {
    asked.resolve()
    return held.promise
  }
  const release = () => {
    archive.beforeMemberships = async () => {}
    held.resolve()
  }
  return { asked: asked.promise, release }
}

/** Someone else of the conversation, who shows that this node has read so far. */
async function enterWitness(world: World, ...chats: string[]) {
  const witness = newWho()
  for (const chat of chats) world.archive.members.get(chat)?.set(witness.userId, 1)
  return world.enter(witness)
}

test('a removal while the rooms are being joined holds', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const witness = await enterWitness(world, chat)
  const { asked, release } = holdAnswers(world)
  const annas = await world.knock(anna)
  await asked

  await world.archive.tell(chat, 'participant.removed', { userId: anna.userId })
  await eventually(() => expect(witness.facts()).toHaveLength(1))
  release()
  await annas.hears('ready')
  await world.archive.say(chat, 'without anna')

  await eventually(() => expect(witness.texts()).toEqual(['without anna']))
  expect(annas.facts()).toEqual([])
})

test('an addition while the rooms are being joined holds', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf()
  const witness = await enterWitness(world, chat)
  const { asked, release } = holdAnswers(world)
  const annas = await world.knock(anna)
  await asked

  await world.archive.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await eventually(() => expect(witness.facts()).toHaveLength(1))
  release()
  await annas.hears('ready')
  await world.archive.say(chat, 'with anna')

  await eventually(() => expect(annas.texts()).toEqual(['with anna']))
})

test('a stream that lags brings nothing from before someone joined', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf()
  const witness = await enterWitness(world, chat)
  // The archive knows already what the stream will only bring: anna came with version 4.
  world.archive.members.get(chat)?.set(anna.userId, 4)
  const annas = await world.enter(anna)

  await world.archive.say(chat, 'before 1')
  await world.archive.say(chat, 'before 2')
  await world.archive.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await world.archive.say(chat, 'after')

  await eventually(() => expect(annas.texts()).toEqual(['after']))
  expect(annas.facts().map(({ version }) => version)).toEqual([4, 5])
  expect(witness.texts()).toEqual(['before 1', 'before 2', 'after'])
})

test('a removal from before someone came back does not shut them out', async () => {
  await using world = await startWorld()
  const anna = newWho()
  const chat = world.archive.conversationOf()
  const witness = await enterWitness(world, chat)
  world.archive.members.get(chat)?.set(anna.userId, 3)
  const annas = await world.enter(anna)

  await world.archive.tell(chat, 'participant.removed', { userId: anna.userId })
  await world.archive.tell(chat, 'participant.added', { participant: toParticipant(anna.userId) })
  await world.archive.say(chat, 'welcome back')

  await eventually(() => expect(annas.texts()).toEqual(['welcome back']))
  expect(witness.facts()).toHaveLength(3)
})

test('while the messages service is away a socket waits, and is ready once it is back', async () => {
  await using world = await startWorld()
  await world.archive.stop()
  const anna = newWho()
  const chat = world.archive.conversationOf(anna.userId)
  const annas = await world.knock(anna)
  await eventually(() => expect(annas.socket.connected).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(annas.heard('ready')).toEqual([])
  const typing = await annas.ask('typing', { conversationId: chat, active: true })
  expect(typing).toMatchObject({ ok: false, error: { code: 'unavailable' } })

  await world.archive.start()
  const ready = await annas.hears('ready')
  expect(ready).toMatchObject(anna)
  await world.archive.say(chat, 'hello')
  await eventually(() => expect(annas.texts()).toEqual(['hello']))
})

test('many who come at once are looked up together', async () => {
  await using world = await startWorld()
  let questions = 0
  world.archive.beforeMemberships = async () => {
    questions += 1
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await Promise.all(Array.from({ length: 60 }, () => world.enter(newWho())))
  expect(questions).toBeLessThan(30)
})

test('people whose memberships do not fit into one answer are asked for again, and all of them join', async () => {
  await using world = await startWorld()
  world.archive.answersAtMost = 1
  const who = Array.from({ length: 4 }, newWho)
  const chats = who.map(({ userId }) => world.archive.conversationOf(userId))
  const devices = await Promise.all(who.map((one) => world.enter(one)))
  for (const [i, chat] of chats.entries()) {
    await world.archive.say(chat, 'hello')
    await eventually(() => expect(devices[i]?.heard('events').flat()).toHaveLength(1))
  }
})
