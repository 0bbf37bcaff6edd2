import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

/** Those of these people whose contact the person is. */
const contactOf = async ({ id: userId }: Person, of: Person[]) => {
  const body = { userId, of: of.map(({ id }) => id) }
  const reply = await messages.internal<{ userIds: string[] }>('POST /internal/contacts/lookup', body)
  expect(reply.status).toBe(200)
  return reply.body.userIds
}
const fewPeople = async () => {
  const [anna, ben, carl, dora] = await messages.joinAll(4)
  if (!anna || !ben || !carl || !dora) throw new Error('Nobody came')
  return { anna, ben, carl, dora }
}

test('is for services only', async () => {
  const { anna } = await fewPeople()
  const body = { userId: anna.id, of: [] }
  expect(await anna.call('POST /internal/contacts/lookup', body)).toMatchObject({ status: 401 })
  expect((await messages.internal('POST /internal/contacts/lookup', { userId: 'x' })).status).toBe(400)
})

test('contacts are people with whom the user began or answered a direct conversation', async () => {
  const { anna, ben, carl, dora } = await fewPeople()
  await messages.direct(anna, ben)
  const asked = await messages.direct(carl, anna)
  await carl.say(asked.id, 'Hello?')
  await dora.say((await messages.direct(dora, anna)).id, 'Hello, too')
  const everyone = [anna, ben, carl, dora]

  expect(await contactOf(ben, everyone)).toEqual([anna.id])
  expect(await contactOf(anna, everyone)).toEqual([carl.id, dora.id].sort())
  expect(await contactOf(carl, everyone)).toEqual([])
  await anna.say(asked.id, 'Hello')
  expect(await contactOf(carl, everyone)).toEqual([anna.id])
  expect(await contactOf(dora, everyone)).toEqual([])
})

test('a shared group makes nobody a contact', async () => {
  const { anna, ben, carl } = await fewPeople()
  const group = await messages.group(anna, [ben, carl])
  for (const person of [anna, ben]) await person.say(group.id, 'Hello everyone')
  expect(await contactOf(ben, [anna, carl])).toEqual([])
  expect(await contactOf(ben, [])).toEqual([])
  const unknown = { id: newId() } as Person
  expect(await contactOf(unknown, [anna])).toEqual([])
})
