import { acknowledgedKey, newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWho } from './fixture/start-issuer.ts'
import { startTown, type Town } from './fixture/start-town.ts'

const hourMs = 3600_000
const stream = 'finnigram:push'
const later = '{finnigram:push}:later'
const laterJobs = `${later}:jobs`

let town: Town
beforeAll(async () => {
  town = await startTown({ env: { PUSH_DELAY_MS: '300', PUSH_APART_MS: String(hourMs) } })
})
afterAll(() => town[Symbol.asyncDispose]())

test('a busy conversation notifies now and then, of all there is by then', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  await say('three')
  const fourth = await say('four')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":4'))
  fourth.text = 'mended'
  expect(phone.received).toHaveLength(1)

  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received).toHaveLength(2))
  expect(phone.received.at(-1)).toMatchObject({ body: '4 new messages\nBen: mended', badge: 4 })
  await eventually(async () => expect(await jobsPutOff()).toEqual([]))
})

test('a mention does not wait, what follows it does', async () => {
  const { anna, phone, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  await say('three', { mentions: [anna] })
  await eventually(() => expect(phone.received.at(-1)?.body).toBe('3 new messages\nBen: three'))
  await say('four')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":4'))
  expect(phone.received).toHaveLength(2)
  await town.redis.del(later, laterJobs)
})

test('where the last of what was put off is deleted, the one before is told', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  const last = await say('three')
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":3'))
  last.deletedAt = new Date().toISOString()
  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received).toHaveLength(2))
  expect(phone.received.at(-1)?.body).toMatch(/new messages\nBen: two$/)
})

test('what a device has got while it was put off does not come as a notification', async () => {
  const { anna, phone, chat, say } = openGroup()
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  using device = await town.world.enter(anna)
  expect(await device.ask('delivered', { conversationId: chat.id, seq: 2 })).toEqual({ ok: true })
  await eventually(async () => expect(await town.redis.hvals(acknowledgedKey(chat.id))).toEqual(['2']))
  await passHour(anna.userId, chat.id)
  await eventually(async () => expect(await jobsPutOff()).toEqual([]))
  await eventually(async () => expect(await town.redis.xlen(stream)).toBe(0))
  expect(phone.received).toHaveLength(1)
})

test('what was put off for one person is told whole, however much others have to hear by then', async () => {
  const [anna, ben, cleo] = [newWho(), newWho(), newWho()]
  const [phone, other] = [town.phoneOf(anna), town.phoneOf(cleo)]
  const chat = town.chats.open([anna, ben, cleo], { title: 'Busy' })
  await town.chats.say(chat, ben, 'one')
  await eventually(() => expect([...phone.received, ...other.received]).toHaveLength(2))
  await town.chats.say(chat, ben, 'two')
  await eventually(async () => expect(await jobsPutOff()).toHaveLength(2))
  for (let i = 0; i < 25; i += 1) await town.chats.say(chat, anna, `answer ${i}`)
  await eventually(async () => expect((await jobsPutOff()).join()).toContain('"count":27'))

  await passHour(anna.userId, chat.id)
  await passHour(cleo.userId, chat.id)
  await eventually(() => expect([...phone.received, ...other.received]).toHaveLength(4))
  expect(phone.received.at(-1)?.body).toBe('2 new messages\nBen: two')
  expect(other.received.at(-1)?.body).toMatch(/^27 new messages\n.*answer 24$/)
})

test('what was put off comes also where the app has set the same target anew meanwhile', async () => {
  const { anna, phone, chat, say } = openGroup()
  const device = town.homes.devices.find(({ userId }) => userId === anna.userId)
  const name = newId()
  if (device) device.targetKey = `${name}.1`
  await say('one')
  await eventually(() => expect(phone.received).toHaveLength(1))
  await say('two')
  await isPutOff()
  if (device) device.targetKey = `${name}.2`
  await passHour(anna.userId, chat.id)
  await eventually(() => expect(phone.received.at(-1)?.body).toBe('2 new messages\nBen: two'))
})

test('what is on the queue ends with the last node that looks after it', async () => {
  await eventually(async () => expect(await town.redis.pttl(stream)).toBeGreaterThan(hourMs), {
    within: 10_000,
  })
})

function openGroup() {
  const [anna, ben] = [newWho(), newWho()]
  const phone = town.phoneOf(anna)
  const chat = town.chats.open([anna, ben], { title: 'Busy' })
  const say = (text: string, options?: Parameters<Town['chats']['say']>[3]) =>
    town.chats.say(chat, ben, text, options)
  return { anna, phone, chat, say }
}

const jobsPutOff = () => town.redis.hvals(laterJobs)
const isPutOff = () => eventually(async () => expect(await jobsPutOff()).toHaveLength(1))

/** What was put off is due, by the clock of Redis. */
async function passHour(userId: string, conversationId: string): Promise<void> {
  const shown = `finnigram:push:shown:{${userId}}:${conversationId}`
  for (const field of await town.redis.hkeys(shown))
    if (field.startsWith('at:')) await town.redis.hset(shown, field, 0)
  for (const name of await town.redis.zrange(later, '0', '-1')) await town.redis.zadd(later, 0, name)
}
