import { newId, type RouteReply, type realtimeApi } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWho, type Who } from './fixture/start-fake-users.ts'
import { type PushEnvironment, startPushEnvironment } from './fixture/start-push-environment.ts'

let environment: PushEnvironment
beforeAll(async () => {
  environment = await startPushEnvironment({ nodes: 2, env: { CHECK_REPLIES: '1' } })
})
afterAll(() => environment[Symbol.asyncDispose]())

async function ask(
  who: Who | undefined,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Response> {
  const authorization = who
    ? { authorization: `Bearer ${await environment.base.fakeUsers.tokenOf(who)}` }
    : {}
  return fetch(`${environment.base.nodes[0]?.url}/v1/push/${path}`, {
    method,
    headers: { ...authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

type Told = RouteReply<typeof realtimeApi.testPush>

/** Tests the device that was set last: hops by name, and the words of the last. */
async function testLast(who: Who): Promise<{ ok: boolean; hops: string[]; last: string }> {
  const deviceId = environment.pushDevices.devices.at(-1)?.deviceId
  const { ok, hops } = (await (await ask(who, 'POST', 'test', { deviceId })).json()) as Told
  return { ok, hops: hops.map(({ hop, state }) => `${hop} ${state}`), last: hops.at(-1)?.detail ?? '' }
}

test('both routes require sign-in, with a session that has not ended', async () => {
  expect((await ask(undefined, 'GET', 'key')).status).toBe(401)
  expect((await ask(undefined, 'POST', 'test', { deviceId: 'd' })).status).toBe(401)
  const who = newWho()
  expect((await ask(who, 'GET', 'key')).status).toBe(200)
  environment.base.fakeUsers.ended.push(who.sessionId)
  await eventually(async () => expect((await ask(who, 'GET', 'key')).status).toBe(401))
})

test('a browser subscribes with the key that this server sends with', async () => {
  const { publicKey } = environment.pushDevices.keys
  expect(await (await ask(newWho(), 'GET', 'key')).json()).toEqual({ publicKey })
})

test('only a device of mine can be tested', async () => {
  const [anna, ben] = [newWho(), newWho()]
  environment.phoneOf(anna)
  const deviceId = environment.pushDevices.devices.at(-1)?.deviceId
  const replies = [
    await ask(ben, 'POST', 'test', { deviceId }),
    await ask(anna, 'POST', 'test', { deviceId: newId() }),
  ]
  for (const reply of replies) expect(await reply.json()).toMatchObject({ status: 404, code: 'not_found' })
  expect((await ask(anna, 'POST', 'test', {})).status).toBe(400)
})

test('a test goes through everything, and tells every hop', async () => {
  const anna = newWho()
  const browser = environment.browserOf(anna)
  expect(await testLast(anna)).toMatchObject({
    ok: true,
    hops: ['device passed', 'preferences passed', 'queue passed', 'push service passed', 'receipt skipped'],
  })
  expect(browser.received).toMatchObject([{ payload: { type: 'test', title: 'Finnigram' }, urgency: 'high' }])

  const phone = environment.phoneOf(anna)
  expect((await testLast(anna)).hops.at(-1)).toBe('receipt passed')
  expect(phone.received).toMatchObject([{ title: 'Finnigram', data: { type: 'test' } }])
  expect(phone.received.length).toBe(1)
})

test('a receipt that is not there yet is pending, one that tells of a failure fails', async () => {
  const anna = newWho()
  const phone = environment.phoneOf(anna)
  environment.expo.hasReceipts = false
  expect((await testLast(anna)).hops.at(-1)).toBe('receipt pending')
  environment.expo.hasReceipts = true
  phone.receiptError = 'InvalidCredentials'
  const failed = await testLast(anna)
  expect([failed.ok, failed.hops.at(-1)]).toEqual([false, 'receipt failed'])
  expect(failed.last).toContain('InvalidCredentials')
})

test('the hop that fails is named, in words that tell what is wrong', async () => {
  const anna = newWho()
  environment.pushDevices.add(anna, { kind: 'expo', token: 'not a token' })
  expect(await testLast(anna)).toMatchObject({ ok: false, hops: ['device failed'] })
  const { subscription } = environment.web.subscribe()
  const endpoint = subscription.endpoint.replace('https', 'http')
  environment.pushDevices.add(anna, { kind: 'webpush', subscription: { ...subscription, endpoint } })
  expect(await testLast(anna)).toMatchObject({
    hops: ['device failed'],
    last: expect.stringContaining('https'),
  })

  const browser = environment.browserOf(anna)
  environment.pushDevices.silent.add(anna.userId)
  expect((await testLast(anna)).hops).toEqual(['device passed', 'preferences failed'])
  environment.pushDevices.silent.delete(anna.userId)
  environment.pushDevices.prefer(anna, { quietHours: { from: '00:00', to: '23:59', timeZone: 'UTC' } })
  browser.answers.push(503)
  const busy = await testLast(anna)
  expect(busy.hops.at(-1)).toBe('push service failed')
  expect(busy.last).toContain('503')
  browser.answers.push(410)
  expect((await testLast(anna)).last).toContain('does not know this browser')
  await eventually(() =>
    expect(
      environment.pushDevices.devices.some(
        ({ userId, target }) =>
          userId === anna.userId && target.kind === 'webpush' && target.subscription === browser.subscription,
      ),
    ).toBe(false),
  )
  expect(browser.received).toEqual([])
})

test('a push service that does not answer is told of within ten seconds', async () => {
  const anna = newWho()
  environment.browserOf(anna).always = 'hang'
  const told = await testLast(anna)
  expect(told.hops.at(-1)).toBe('push service failed')
  expect(told.last).toMatch(/not answer/)
})

test('ten tests an hour are enough', async () => {
  const anna = newWho()
  const deviceId = newId()
  for (let i = 0; i < 10; i += 1) expect((await ask(anna, 'POST', 'test', { deviceId })).status).toBe(404)
  const refusal = await ask(anna, 'POST', 'test', { deviceId })
  expect([refusal.status, Number(refusal.headers.get('retry-after')) > 60]).toEqual([429, true])
})

test('while Redis is away the queue is what fails, while users is away nothing can be told', async () => {
  const anna = newWho()
  environment.phoneOf(anna)
  await environment.base.redis.stop()
  const told = await testLast(anna)
  expect(told.hops.at(-1)).toBe('queue failed')
  await environment.base.fakeUsers.stop()
  const deviceId = newId()
  const reply = await ask(anna, 'POST', 'test', { deviceId })
  expect(await reply.json()).toMatchObject({ status: 503, code: 'unavailable' })
})
