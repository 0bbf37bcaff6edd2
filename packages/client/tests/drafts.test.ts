import { expect, test } from 'vitest'
import { startSmallServer } from './small-server/start-small-server.ts'
import { eventually, idOf, signIn, signUp } from './start-device.ts'

const patches = (requests: readonly string[]) => requests.filter((request) => request.startsWith('PATCH'))

test('what is typed on one device stands on the others once it rests', async () => {
  await using server = await startSmallServer()
  await using phone = await signUp(server.url, 'ada')
  await using laptop = await signIn(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  await eventually(() => laptop.client.conversations.get(id) !== undefined, true)

  for (const text of ['b', 'br', 'bread']) phone.client.conversations.setDraft(id, text)
  expect(phone.client.conversations.get(id)?.draft).toBe('bread')
  await eventually(() => laptop.client.conversations.get(id)?.draft, 'bread')
  expect(patches(server.requests)).toHaveLength(1)

  laptop.client.conversations.setDraft(id, '')
  await eventually(() => phone.client.conversations.get(id)?.draft, '')
})

test('a text that is sent before it rested never was a draft elsewhere', async () => {
  await using server = await startSmallServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createDirect(idOf(ada))
  ada.client.conversations.setDraft(id, 'bread')
  ada.client.messages(id).send({ text: 'bread' })
  ada.client.conversations.setDraft(id, '')
  await eventually(() => ada.client.conversations.get(id)?.lastSeq, 1)
  ada.client.conversations.setDraft(id, 'milk')
  await eventually(() => ada.client.conversations.get(id)?.me.draft, 'milk')
  expect(patches(server.requests)).toHaveLength(1)
})

test('a draft typed offline is told after the return, and what another device wrote meanwhile gives way', async () => {
  await using server = await startSmallServer()
  // It does not try again by itself.
  await using phone = await signUp(server.url, 'ada', { timing: { retryMaxMs: 600_000 } })
  await using laptop = await signIn(server.url, 'ada')
  const { id } = await phone.client.conversations.createDirect(idOf(phone))
  await eventually(() => laptop.client.conversations.get(id) !== undefined, true)
  phone.network.set({ online: false })
  let lost = 0
  server.faultOf = (path, method) => {
    if (method !== 'PATCH' || !path.endsWith('/me')) return
    lost += 1
    return 'lost'
  }
  phone.client.conversations.setDraft(id, 'written in a tunnel')
  await eventually(() => lost, 1)
  server.faultOf = () => undefined
  laptop.client.conversations.setDraft(id, 'written above')
  await eventually(() => laptop.client.conversations.get(id)?.me.draft, 'written above')
  expect(phone.client.conversations.get(id)?.draft).toBe('written in a tunnel')
  phone.network.set({ online: true })
  await eventually(() => laptop.client.conversations.get(id)?.draft, 'written in a tunnel')
})

test('a draft the server does not take stays on this device', async () => {
  await using server = await startSmallServer()
  await using ada = await signUp(server.url, 'ada')
  const { id } = await ada.client.conversations.createDirect(idOf(ada))
  server.world.rooms.get(id)?.places.delete(idOf(ada))
  ada.client.conversations.setDraft(id, 'kept')
  await eventually(() => patches(server.requests).length, 1)
  expect(ada.client.conversations.get(id)?.draft).toBe('kept')
  expect(ada.errors).toEqual([])
})
