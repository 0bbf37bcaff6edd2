import { eventually, expectLog } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWho } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'

let environment: PushEnvironment
beforeAll(async () => {
  environment = await startPushEnvironment({ env: { PUSH_DELAY_MS: '300' } })
})
afterAll(() => environment[Symbol.asyncDispose]())

/** How often something was put off because a push service did not answer. */
async function putOff(): Promise<number> {
  const counts = (await environment.metrics()).matchAll(
    /^push_retried_total\{[^}]*reason="away"[^}]*\} (\d+)/gm,
  )
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}
const long = { within: 15_000 }

test('after an outage of a push service each notification is sent once', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [browser, phone] = [environment.browserOf(anna), environment.phoneOf(anna)]
  const chat = environment.chats.open([anna, ben])
  await Promise.all([environment.web.stop(), environment.expo.stop()])
  await environment.chats.say(chat, ben, 'one')
  await eventually(async () => expect(await putOff()).toBeGreaterThan(3), long)
  await environment.chats.say(chat, ben, 'two')
  await eventually(async () => expect(await putOff()).toBeGreaterThan(7), long)
  await Promise.all([environment.web.start(), environment.expo.start()])
  await environment.settled()
  expect(browser.received.map(({ payload }) => payload.body)).toEqual(['2 new messages\ntwo'])
  expect(phone.received.map(({ body }) => body)).toEqual(['2 new messages\ntwo'])
  expect(await environment.metrics()).toMatch(/push_delay_seconds_count\{[^}]*\} [1-9]/)
})

test.concurrent('a device that its push service does not know any more is forgotten, the others are told', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [closed, phone, left, lost] = [
    environment.browserOf(anna),
    environment.phoneOf(anna),
    environment.browserOf(anna),
    environment.phoneOf(anna),
  ]
  const [first, , third, fourth] = environment.pushDevices.devices.slice(-4)
  closed.answers.push(410)
  left.answers.push(404)
  lost.ticketErrors.push('DeviceNotRegistered')
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'hello')
  await environment.settled()
  await eventually(() =>
    expect(new Set(environment.pushDevices.forgotten)).toEqual(
      new Set([first?.targetKey, third?.targetKey, fourth?.targetKey]),
    ),
  )
  expect(phone.received.length).toBe(1)
})

test.concurrent('a push service that is busy is asked again when it said, one that refuses is not', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const [busy, refusing, phone] = [
    environment.browserOf(anna),
    environment.browserOf(anna),
    environment.phoneOf(anna),
  ]
  busy.answers.push({ status: 429, headers: { 'retry-after': '1' } })
  refusing.answers.push(400)
  phone.ticketErrors.push('MessageRateExceeded')
  const chat = environment.chats.open([anna, ben])
  await environment.chats.say(chat, ben, 'hello')
  await environment.settled()
  expect([busy.attempts, busy.received.length]).toEqual([2, 1])
  expect([refusing.attempts, refusing.received.length]).toEqual([1, 0])
  expect(phone.received.length).toBe(1)
})

test.concurrent('a job that is on the queue twice is sent once', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  browser.answers.push(503, 503)
  await environment.chats.say(chat, ben, 'hello')
  const jobs = await eventually(async () => {
    const all = await environment.redis.hvals('{finnigram:push}:later:jobs')
    const waiting = all.filter((text) => text.includes(chat.id))
    if (waiting.length === 0) throw new Error('It does not wait')
    return waiting.map((text) => text.replace(/^\d+ /, ''))
  })
  for (const job of [...jobs, ...jobs]) await environment.redis.xadd('finnigram:push', '*', 'job', job)
  await environment.settled()
  expect(browser.received.length).toBe(1)
})

test.concurrent('what is read while it waits to be sent again is not sent any more', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  browser.always = 503
  await environment.chats.say(chat, ben, 'hello')
  await eventually(() => expect(browser.attempts).toBeGreaterThan(0))
  await environment.chats.read(chat, anna)
  await eventually(async () => {
    const key = `finnigram:push:shown:{${anna.userId}}:${chat.id}`
    expect(await environment.redis.hgetall(key)).toEqual({ read: '1' })
  })
  browser.always = undefined
  await environment.settled()
  expect(browser.received).toEqual([])
})

test.concurrent('what waits to be sent again is looked at anew: signed out, deleted, edited, quiet hours', async () => {
  const ben = newWho()
  const [anna, clara, dora, emil] = [newWho(), newWho(), newWho(), newWho()]
  const browsers = [anna, clara, dora, emil].map((who) => environment.browserOf(who))
  const chats = [anna, clara, dora, emil].map((who) => environment.chats.open([who, ben]))
  for (const browser of browsers) browser.always = 503
  const messages = await Promise.all(chats.map((chat) => environment.chats.say(chat, ben, 'a secret')))
  await eventually(() => expect(browsers.every(({ attempts }) => attempts > 0)).toBe(true))
  const [, deleted, edited] = messages
  environment.pushDevices.devices.splice(
    environment.pushDevices.devices.findIndex(({ userId }) => userId === anna.userId),
    1,
  )
  if (deleted) deleted.deletedAt = new Date().toISOString()
  if (edited) edited.text = 'harmless'
  const timeZone = new Date().getUTCHours() === 23 ? 'Asia/Tokyo' : 'UTC'
  environment.pushDevices.prefer(emil, { quietHours: { from: '00:00', to: '23:59', timeZone } })
  for (const browser of browsers) browser.always = undefined
  await environment.settled()
  expect(browsers.map(({ received }) => received.map(({ payload }) => payload.body))).toEqual([
    [],
    [],
    ['harmless'],
    [],
  ])
})

test('ten messages are one notification of ten', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const browser = environment.browserOf(anna)
  const chat = environment.chats.open([anna, ben])
  for (let i = 1; i <= 10; i += 1) await environment.chats.say(chat, ben, `message ${i}`)
  await environment.settled()
  const told = { body: '10 new messages\nmessage 10', badge: 10, seq: 10 }
  expect(browser.shown().get(chat.id)).toMatchObject(told)
  expect(browser.received.length).toBeLessThanOrEqual(2)
})

test('a message that is planned twice is told once', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben])
  const message = await environment.chats.say(chat, ben, 'hello')
  await environment.settled()
  await environment.base.fakeMessages.publishEvent(chat.id, 'message.created', { message })
  await environment.settled()
  expect(phone.received.length).toBe(1)
})

test('a phone of another project spoils nothing for the others, nor does a failing Expo', async () => {
  const ben = newWho()
  const people = Array.from({ length: 120 }, () => newWho())
  const phones = people.map((who) => environment.phoneOf(who))
  const stranger = environment.expo.newPhone('@somebody/else')
  const intruder = newWho()
  environment.pushDevices.add(intruder, { kind: 'expo', token: stranger.token })
  const chat = environment.chats.open([ben, ...people, intruder], { title: 'All' })
  environment.expo.answers.push(500, { status: 429, headers: { 'retry-after': '1' } })
  const asked = environment.expo.requests.length
  await environment.chats.say(chat, ben, 'hello')
  await environment.settled()
  expect(phones.map(({ received }) => received.length)).toEqual(phones.map(() => 1))
  expect(stranger.received.length).toBe(1)
  expect(Math.max(...environment.expo.requests.slice(asked).map(({ size }) => size))).toBeGreaterThan(50)
  expect(environment.expo.requests.slice(asked).length).toBeLessThan(20)
})

test('what was said while messages or users were away is told when they are back', async () => {
  expectLog(/./)
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben])
  await environment.base.fakeMessages.stop()
  await environment.chats.say(chat, ben, 'one')
  await eventually(async () => expect(await environment.metrics()).toMatch(/push_planned\{[^}]*\} [1-9]/))
  await environment.base.fakeMessages.start()
  await environment.settled()
  expect(phone.received.map(({ body }) => body)).toEqual(['one'])

  await environment.base.fakeUsers.stop()
  await environment.chats.say(chat, ben, 'two')
  const asked = environment.chats.asked.length
  await eventually(() => expect(environment.chats.asked.length).toBeGreaterThan(asked + 1))
  await environment.base.fakeUsers.start()
  await environment.settled()
  expect(phone.received.at(-1)?.body).toBe('2 new messages\ntwo')
})

test('a Redis that lost everything is no end: what is said afterwards is told', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chat = environment.chats.open([anna, ben])
  await environment.base.redis.stop()
  await environment.base.redis.start()
  await eventually(() => environment.redis.ping())
  await environment.chats.say(chat, ben, 'hello')
  await eventually(() => expect(phone.received.map(({ body }) => body)).toEqual(['hello']), {
    within: 15_000,
  })
})

test('while Redis hangs nothing is lost and nothing doubled', async () => {
  const [anna, ben] = [newWho(), newWho()]
  const phone = environment.phoneOf(anna)
  const chats = Array.from({ length: 20 }, () => environment.chats.open([anna, ben]))
  const { pid } = environment.base.redis
  for (const [i, chat] of chats.entries()) {
    await environment.chats.say(chat, ben, `message ${i}`)
    if (i !== 10) continue
    process.kill(pid, 'SIGSTOP')
    setTimeout(() => process.kill(pid, 'SIGCONT'), 4000)
  }
  await environment.settled()
  expect(phone.shown().size).toBe(20)
  expect(phone.received.map(({ data }) => data?.['conversationId']).sort()).toEqual(
    chats.map(({ id }) => id).sort(),
  )
})
