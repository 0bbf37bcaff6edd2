import { expect, test } from 'vitest'
import { startTestServer } from './small-server/start-small-server.ts'
import { eventually, idOf, signUp, startDevice } from './start-device.ts'

const phone = { kind: 'expo', token: 'ExponentPushToken[x]', name: 'A phone' } as const

test('without a session nothing is requested', async () => {
  await using server = await startTestServer()
  await using device = startDevice(server.url)
  await eventually(() => device.client.session.state, { status: 'signedOut' })
  const { push } = device.client
  for (const call of [push.getKey(), push.putDevice('phone', phone), push.test('phone')])
    await expect(call).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a push device is registered, tested, and deleted', async () => {
  await using server = await startTestServer()
  await using ada = await signUp(server.url, 'ada')
  const { push } = ada.client
  expect(await push.getKey()).toBe('B-a-point')
  await push.putDevice('phone', phone)
  expect(Object.fromEntries(server.state.devices)).toEqual({ [`${idOf(ada)} phone`]: phone })
  expect(await push.test('phone')).toEqual({
    ok: true,
    hops: [{ hop: 'device', state: 'passed', detail: 'It is there' }],
  })
  await push.deleteDevice('phone')
  await expect(push.test('phone')).rejects.toMatchObject({ code: 'not_found', status: 404 })
})
