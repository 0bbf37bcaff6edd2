import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWho } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'

let environment: PushEnvironment
beforeAll(async () => {
  environment = await startPushEnvironment({ nodes: 2 })
})
afterAll(() => environment[Symbol.asyncDispose]())

const bodies = (device: { received: readonly { body?: string; payload?: { body: string } }[] }) =>
  device.received.map(({ body, payload }) => payload?.body ?? body)

test.concurrent('a device that is not connected is told what was said, by whom, and how much is unread', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [phone, browser] = [environment.phoneOf(anna), environment.browserOf(anna)]
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'hello')
  await environment.settled()

  const payload = {
    type: 'message',
    conversationId: chat.id,
    seq: 1,
    title: 'Ben',
    body: 'hello',
    badge: 1,
    tag: chat.id,
  }
  expect(browser.received).toEqual([
    { payload, ttl: 259_200, topic: expect.stringMatching(/^[\w-]{32}$/), urgency: 'high' },
  ])
  expect(phone.received).toEqual([
    {
      to: phone.token,
      title: 'Ben',
      body: 'hello',
      data: payload,
      badge: 1,
      sound: 'default',
      priority: 'high',
      ttl: 259_200,
      tag: chat.id,
      collapseId: chat.id,
      threadId: chat.id,
    },
  ])
  expect(environment.web.mistakes).toEqual([])
})

test.concurrent('only the devices that need it are notified', async () => {
  const ben = newWho()
  const people = {
    acknowledged: newWho(),
    'read it': newWho(),
    'mute the chat': newWho(),
    'want mentions only': newWho(),
    'want nothing of it': newWho(),
    'want no notifications': newWho(),
    sleep: newWho(),
    'left it to others': newWho(),
    'are mentioned': newWho(),
  }
  const all = Object.values(people)
  const phones = new Map(Object.entries(people).map(([name, who]) => [name, environment.phoneOf(who)]))
  const other = newWho(people.acknowledged.userId)
  const otherPhone = environment.phoneOf(other)
  const chat = environment.chats.open([ben, ...all], { title: 'Trip' })
  chat.muted.add(people['mute the chat'].userId)
  chat.notify.set(people['want mentions only'].userId, 'mentions')
  chat.notify.set(people['are mentioned'].userId, 'mentions')
  chat.notify.set(people['want nothing of it'].userId, 'none')
  environment.pushDevices.silent.add(people['want no notifications'].userId)
  const quietHours = { from: '00:00', to: '23:59', timeZone: quietZone() }
  environment.pushDevices.prefer(people.sleep, { quietHours })
  using device = await environment.base.connect(people.acknowledged)

  await environment.chats.say(chat, ben, 'look', { mentions: [people['are mentioned']] })
  await device.waitFor('events')
  await device.request('delivered', { conversationId: chat.id, seq: 1 })
  await environment.chats.read(chat, people['read it'])
  await environment.settled()

  const notified = [...phones].filter(([, { received }]) => received.length > 0).map(([name]) => name)
  expect(notified).toEqual(['left it to others', 'are mentioned'])
  expect(bodies(otherPhone)).toEqual(['Ben: look'])
})

/** Where it is not the last minute of the day. */
const quietZone = () => (new Date().getUTCHours() === 23 ? 'Asia/Tokyo' : 'UTC')

test.concurrent('who wants no preview is told neither who wrote nor what', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [phone, browser] = [environment.phoneOf(anna), environment.browserOf(anna)]
  environment.pushDevices.prefer(anna, { preview: false, sound: false })
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'a secret')
  await environment.settled()
  expect(JSON.stringify([phone.received, browser.received])).not.toMatch(/secret|Ben/)
  expect(phone.received).toMatchObject([{ title: 'Finnigram', body: 'New message', sound: null }])
  expect(browser.received).toMatchObject([{ payload: { title: 'Finnigram', body: 'New message' } }])
})

test.concurrent('ten messages are one notification, which those that follow replace', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  for (let i = 1; i <= 10; i += 1) await environment.chats.say(chat, ben, `message ${i}`)
  await environment.settled()
  // A node that is told of the last of them may be before one that is told of the first.
  const body = expect.stringMatching(/^\d+ new messages\nmessage 10$/)
  expect(browser.shown().get(chat.id)).toMatchObject({ body, badge: 10, seq: 10 })
  const before = browser.received.length
  expect(before).toBeLessThanOrEqual(2)

  await environment.chats.say(chat, ben, 'one more')
  await environment.settled()
  expect(browser.received.length).toBe(before + 1)
  expect(browser.shown().size).toBe(1)
  expect(browser.shown().get(chat.id)).toMatchObject({ body: '11 new messages\none more', badge: 11 })
  expect(new Set(browser.received.map(({ topic }) => topic)).size).toBe(1)
})

test.concurrent('what is deleted before it is told notifies nobody, what is edited is told as it is', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const [gone, mended] = [environment.chats.open([anna, ben]), environment.chats.open([anna, ben])]
  const regretted = await environment.chats.say(gone, ben, 'regretted')
  regretted.deletedAt = new Date().toISOString()
  const misspelt = await environment.chats.say(mended, ben, 'helo')
  misspelt.text = 'hello'
  await environment.settled()
  expect(bodies(phone)).toEqual(['hello'])
})

test.concurrent('reading on any device takes the notification away on the others, and puts the badge right', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [phone, browser] = [environment.phoneOf(anna), environment.browserOf(anna)]
  const [read, unread] = [environment.chats.open([anna, ben]), environment.chats.open([anna, ben])]
  await environment.chats.say(read, ben, 'one')
  await environment.chats.say(read, ben, 'two')
  await environment.chats.say(unread, ben, 'three')
  await environment.settled()
  expect(phone.shown().size).toBe(2)

  using desktop = await environment.base.connect(newWho(anna.userId), 1)
  expect(await desktop.request('read', { conversationId: read.id, seq: 2 })).toEqual({ ok: true })
  await environment.settled()
  for (const device of [phone, browser]) expect([...device.shown().keys()]).toEqual([unread.id])
  const clear = {
    type: 'clear',
    conversationId: read.id,
    seq: 2,
    title: '',
    body: '',
    badge: 1,
    tag: read.id,
  }
  expect(browser.received.at(-1)).toMatchObject({ payload: clear, urgency: 'low' })
  expect(phone.received.at(-1)).toEqual({
    to: phone.token,
    data: clear,
    badge: 1,
    contentAvailable: true,
    priority: 'normal',
    ttl: 86_400,
  })

  const told = phone.received.length
  await environment.chats.read(read, anna)
  await environment.settled()
  expect(phone.received.length).toBe(told)
})

test.concurrent('what a device shows goes also where its app has set the same target anew meanwhile', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const device = environment.pushDevices.devices.find(({ userId }) => userId === anna.userId)
  if (device) device.targetKey = `${newId()}.1`
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'one')
  await environment.settled()
  expect(phone.shown().size).toBe(1)
  if (device) device.targetKey = device.targetKey.replace(/1$/, '2')
  await environment.chats.read(chat, anna)
  await environment.settled()
  expect(phone.shown().size).toBe(0)
})

test.concurrent('what was read in part stays, and goes with the rest', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben])
  for (const text of ['one', 'two', 'three']) await environment.chats.say(chat, ben, text)
  await environment.settled()
  await environment.chats.read(chat, anna, 2)
  await environment.chats.say(chat, ben, 'four')
  await environment.settled()
  expect(phone.shown().get(chat.id)).toMatchObject({ body: '2 new messages\nfour', badge: 2 })
  await environment.chats.read(chat, anna)
  await environment.settled()
  expect(phone.shown().size).toBe(0)
})
